//go:build !linux

package main

func ownNetwork(int, int) error { return errNoNetwork }

//go:build !linux

package main

import "modelbench/scripts/rig"

// pin is never reached: open asks for the cores first.
func pin(_, cpu int) error { return rig.CheckCore(cpu) }

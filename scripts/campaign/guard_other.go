//go:build !linux

package campaign

const guardFlag = "--guard-command"

// MaybeGuard does nothing where there are no campaigns.
func MaybeGuard() {}

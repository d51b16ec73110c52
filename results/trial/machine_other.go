//go:build !linux

package trial

// cpuModel is not known without /proc.
func cpuModel(string) string { return "" }

//go:build !linux

package campaign

func allowedCPUs() ([]int, error) { return nil, errNotLinux }

func tieThread(list string) error {
	if list != "" {
		return errNotLinux
	}
	return nil
}

package campaign

import (
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// CPUs is how many CPUs servers have that are tied to the list, such as 0-1,3; of an empty
// list, how many there are. The error is a *UsageError that names the flag.
func CPUs(flag, list string) (int, error) {
	if list == "" {
		return runtime.NumCPU(), nil
	}
	cpus, err := parseCPUs(list)
	if err != nil {
		return 0, &UsageError{flag, err.Error()}
	}
	may, err := allowedCPUs()
	if err != nil {
		return 0, &UsageError{flag, err.Error()}
	}
	for _, cpu := range cpus {
		if !slices.Contains(may, cpu) {
			return 0, &UsageError{flag, fmt.Sprintf("there is no CPU %d that we may use; there is %s", cpu, listCPUs(may))}
		}
	}
	return len(cpus), nil
}

// mostCPUs bounds a list: what the kernel's interface has room for.
const mostCPUs = 1024

// parseCPUs reads a list as taskset and /proc have it. What it returns is sorted, each once.
func parseCPUs(list string) ([]int, error) {
	seen := map[int]bool{}
	var cpus []int
	for part := range strings.SplitSeq(list, ",") {
		from, to, isRange := strings.Cut(strings.TrimSpace(part), "-")
		if !isRange {
			to = from
		}
		first, err := strconv.ParseUint(from, 10, 16)
		if err == nil {
			var last uint64
			if last, err = strconv.ParseUint(to, 10, 16); err == nil && (last < first || last >= mostCPUs) {
				err = strconv.ErrRange
			}
			for cpu := int(first); err == nil && cpu <= int(last); cpu++ {
				if !seen[cpu] {
					seen[cpu] = true
					cpus = append(cpus, cpu)
				}
			}
		}
		if err != nil {
			return nil, fmt.Errorf("%q is not a list of CPUs, such as 0-1,3: see %q", list, part)
		}
	}
	slices.Sort(cpus)
	return cpus, nil
}

// listCPUs is the other way round.
func listCPUs(cpus []int) string {
	var parts []string
	for i := 0; i < len(cpus); {
		end := i
		for end+1 < len(cpus) && cpus[end+1] == cpus[end]+1 {
			end++
		}
		if end == i {
			parts = append(parts, strconv.Itoa(cpus[i]))
		} else {
			parts = append(parts, fmt.Sprintf("%d-%d", cpus[i], cpus[end]))
		}
		i = end + 1
	}
	return strings.Join(parts, ",")
}

// sharedCPUs are those in both lists, which have been checked; an empty list is all.
func sharedCPUs(a, b string) []int {
	if a == "" || b == "" {
		return nil
	}
	as, _ := parseCPUs(a)
	bs, _ := parseCPUs(b)
	return slices.DeleteFunc(as, func(cpu int) bool { return !slices.Contains(bs, cpu) })
}

package campaign

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestParseCPUs(t *testing.T) {
	t.Parallel()
	for list, want := range map[string]string{"0": "0", "3,1": "1,3", "0-2,1, 7": "0-2,7", "5-5": "5", "1,2,3,6": "1-3,6"} {
		cpus, err := parseCPUs(list)
		if err != nil || listCPUs(cpus) != want {
			t.Errorf("%q is %v, %v; want %s", list, cpus, err, want)
		}
	}
	for _, list := range []string{",", "a", "2-1", "0-", "-1", "1-2-3", "0-99999", "1024", "0;1"} {
		if cpus, err := parseCPUs(list); err == nil || !strings.Contains(err.Error(), "is not a list of CPUs, such as 0-1,3") {
			t.Errorf("%q is %v, %v", list, cpus, err)
		}
	}
	if got := sharedCPUs("0-3", "2,5"); !slices.Equal(got, []int{2}) {
		t.Errorf("shared: %v", got)
	}
	if got := sharedCPUs("0-3", ""); got != nil {
		t.Errorf("shared with all: %v", got)
	}
}

func TestCPUsThatAreNotThere(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		cfg       Config
		flag, say string
	}{
		{Config{Bin: "b", Out: "o", ServerCPUs: "0-1023"}, "--server-cpus", "there is no CPU "},
		{Config{Bin: "b", Out: "o", ClientCPUs: "1023"}, "--client-cpus", "there is no CPU 1023 that we may use"},
		{Config{Bin: "b", Out: "o", ClientCPUs: "x"}, "--client-cpus", `"x" is not a list`},
	} {
		err := tt.cfg.Validate()
		var usage *UsageError
		if !errors.As(err, &usage) || usage.Flag != tt.flag || !strings.Contains(usage.Problem, tt.say) {
			t.Errorf("%+v: %v", tt.cfg, err)
		}
	}
}

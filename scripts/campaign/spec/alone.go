package spec

import (
	"slices"
	"strings"
	"time"
)

const (
	longestMeasure = 10 * time.Minute
	mostPipeline   = 1 << 10
	mostIdle       = 1_000_000
	mostRequests   = 1_000_000_000
)

// rotation checks what a workload has of its slices, and that it has nothing of those that stand alone.
func (k *checker) rotation(path string, w Workload) {
	if w.Slice <= 0 || w.Slice > longestSlice {
		k.wrong(path+".slice", "%s needs a slice, up to %v: how long a target is loaded before the next has its turn", path, longestSlice)
	}
	if w.WarmRounds > 1000 {
		k.wrong(path+".warm_rounds", "%d is more than 1000", w.WarmRounds)
	}
	for _, f := range []struct {
		key   string
		given bool
	}{
		{"measure", w.Measure != 0}, {"warmup", w.Warmup != 0}, {"fresh", w.Fresh}, {"probe", w.Probe != nil}, {"requests", w.Requests != 0}, {"count", w.Count},
		{"heavy", w.Heavy != Heavy{}}, {"fault", w.Fault != Injection{}},
	} {
		if f.given {
			k.wrong(path+"."+f.key, "%s is for workloads with alone: true, and %s is a rotation", f.key, w.Name)
		}
	}
}

// alone checks what a workload has of its own that is no rotation.
func (k *checker) alone(path string, w Workload) {
	if w.Slice != 0 {
		k.wrong(path+".slice", "slice is of a rotation, and %s stands alone: it has measure", w.Name)
	}
	if w.WarmRounds != 0 {
		k.wrong(path+".warm_rounds", "warm_rounds are of a rotation, and %s stands alone: it has warmup", w.Name)
	}
	if w.Measure <= 0 || w.Measure > longestMeasure {
		k.wrong(path+".measure", "%v is not a time to measure, up to %v", w.Measure, longestMeasure)
	}
	if w.Warmup < 0 || w.Warmup > longestSlice {
		k.wrong(path+".warmup", "%v is not from 0s to %v", w.Warmup, longestSlice)
	}
	if w.Rate.Share > 0 {
		k.wrong(path+".rate", "a share is found in a calibration, which is a rotation, and %s stands alone: give requests per second, or closed", w.Name)
	}
	if w.Requests > mostRequests {
		k.wrong(path+".requests", "%d is more than %d", w.Requests, mostRequests)
	}
	if w.Requests > 0 && w.Warmup > 0 {
		k.wrong(path+".warmup", "with requests there is no warm-up: the server would be sent more than those")
	}
	if w.Count {
		k.counted(path, w)
	}
	if w.Heavy != (Heavy{}) {
		k.heavy(path+".heavy", w)
	}
	if w.Fault != (Injection{}) {
		k.fault(path+".fault", w)
	}
}

// counted checks a workload whose increments are to be found in the server again.
func (k *checker) counted(path string, w Workload) {
	at := path + ".count"
	switch {
	case w.Echo || w.Method != "POST" || w.Path != "/count":
		k.wrong(at, "what is counted is method: POST of path: /count")
	case w.Requests == 0:
		k.wrong(at, "to count them it takes requests: those that time cuts off may or may not have been counted")
	}
}

func (k *checker) heavy(at string, w Workload) {
	h := w.Heavy
	if h.Connections > mostConnections {
		k.wrong(at+".connections", "%d is more than %d", h.Connections, mostConnections)
	}
	switch {
	case h.Spin == 0 && h.Path == "":
		k.wrong(at, "heavy load needs one of spin (iterations of our own /task) and path (of another GET)")
	case h.Spin != 0 && h.Path != "":
		k.wrong(at+".path", "one of spin and path, not both")
	case h.Path != "" && !isPath(h.Path):
		k.wrong(at+".path", "%q is no path of a request: it begins with / and has no spaces", h.Path)
	}
	if w.Requests > 0 {
		k.wrong(at, "%s ends after some requests, which is before heavy ones are known to have run", w.Name)
	}
}

func (k *checker) fault(at string, w Workload) {
	f := w.Fault
	if !slices.Contains(FaultKinds, f.Kind) {
		k.wrong(at+".kind", "%q is not one of %s", f.Kind, strings.Join(FaultKinds, ", "))
	}
	if f.After <= 0 || f.After >= w.Measure {
		k.wrong(at+".after", "%v is not within the measured time, %v: there has to be something before and after", f.After, w.Measure)
	}
	if f.New > mostConnections {
		k.wrong(at+".new", "%d is more than %d", f.New, mostConnections)
	}
	if !w.Fresh {
		k.wrong(at, "a fault needs fresh: true: nobody else is to be measured in that server")
	}
	for _, other := range []struct {
		key   string
		given bool
	}{{"requests", w.Requests != 0}, {"heavy", w.Heavy != Heavy{}}} {
		if other.given {
			k.wrong(at, "a fault or %s, not both", other.key)
		}
	}
}

// flags checks what any workload may have of loadgen's.
func (k *checker) flags(path string, w Workload) {
	if w.Pipeline > mostPipeline {
		k.wrong(path+".pipeline", "%d is more than %d", w.Pipeline, mostPipeline)
	}
	if w.Pipeline > 1 && w.NoKeepalive {
		k.wrong(path+".pipeline", "a pipeline needs connections that are kept, and keepalive is false")
	}
	if w.Idle > mostIdle {
		k.wrong(path+".idle", "%d is more than %d", w.Idle, mostIdle)
	}
	switch {
	case w.Arrivals != "" && w.Arrivals != ArrivalsPoisson:
		k.wrong(path+".arrivals", "%q is neither %s nor %s", w.Arrivals, ArrivalsConstant, ArrivalsPoisson)
	case w.Arrivals != "" && w.Rate == Rate{}:
		k.wrong(path+".arrivals", "%s are of a rate, and %s is a closed loop", w.Arrivals, w.Name)
	}
	for key := range w.Labels {
		if !nameForm.MatchString(key) {
			k.wrong(path+".labels", "%q is no name of a label: %s", key, NameRule)
		}
	}
}

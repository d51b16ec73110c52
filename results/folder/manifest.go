package folder

import "time"

// Manifest is what of manifest.json is read here: the keys that answers need. Others are passed over.
type Manifest struct {
	CampaignID  string            `json:"campaign_id"`
	Status      string            `json:"status"` // running, complete, interrupted or failed
	Command     []string          `json:"command"`
	Started     time.Time         `json:"started_at_utc"`
	Ended       time.Time         `json:"ended_at_utc"`
	Seed        int64             `json:"seed"`
	BudgetS     float64           `json:"budget_s"`
	WholeBlocks int               `json:"blocks_whole"`
	Whole       []int             `json:"whole_blocks"` // their numbers; nil: the manifest does not say
	Git         Git               `json:"git"`
	Machine     Machine           `json:"machine"`
	Binaries    map[string]Binary `json:"binaries"`
	Targets     []Target          `json:"targets"`
	Rates       []Rate            `json:"rates"`
	ServerCPUs  string            `json:"server_cpus"` // that the servers were tied to; empty: to none
	ClientCPUs  string            `json:"client_cpus"`
	Resumed     []Resumption      `json:"resumed"`
	LeftOut     []LeftOut         `json:"left_out"`
	Notes       []string          `json:"notes"`
	Failures    []string          `json:"failures"`

	// Rotations is how many were measured. In some of them the machine changed its speed, the hypervisor took CPU time, TCP segments were
	// sent again, or a listener's queue was full.
	Rotations     int `json:"rotations"`
	Drifted       int `json:"rotations_drifted"`
	Stolen        int `json:"rotations_stolen"`
	Retransmitted int `json:"rotations_retransmitted"`
	Overflowed    int `json:"rotations_overflowed"`
}

// Resumption is that a campaign went on after it was killed or stopped.
type Resumption struct {
	At    time.Time `json:"at_utc"`
	Block int       `json:"block"` // the first one since
}

// LeftOut is a target that was not measured in a workload, because it answered wrongly before the first block.
type LeftOut struct {
	Target   string `json:"target"`
	Workload string `json:"workload"`
	Why      string `json:"why"`
}

// Git is the state of the source that the executables were built from; empty: unknown.
type Git struct {
	Revision string `json:"revision"`
	Dirty    bool   `json:"dirty"` // files differed from the revision
}

// Machine is where a campaign ran.
type Machine struct {
	HostID   string  `json:"host_id"`
	Kernel   string  `json:"kernel"`
	CPUModel string  `json:"cpu_model"`
	CPUs     int64   `json:"cpus"`
	MemoryB  uint64  `json:"memory_bytes"`
	Governor string  `json:"cpu_governor"`
	Clock    string  `json:"clock_source"`
	Load1    float64 `json:"load_1m"` // when the campaign started
	Go       string  `json:"go_version"`
}

// Binary is an executable that took part.
type Binary struct {
	SHA256 string `json:"sha256"`
}

// Target is a target as it was started.
type Target struct {
	Name   string   `json:"name"`
	Binary string   `json:"binary"` // key of Manifest.Binaries
	Args   []string `json:"args"`

	Command []string `json:"command"` // of a target that is the user's own
	URL     string   `json:"url"`     // of one that was up already
	Rev     string   `json:"rev"`     // git revision that it was built from, where targets differ in it
}

// Rate is the fixed rate of a workload and the capacities that it was made of.
type Rate struct {
	Workload string             `json:"workload"`
	RPS      float64            `json:"rps"`
	Capacity map[string]float64 `json:"capacity_rps"`
	Slowest  string             `json:"slowest"`
}

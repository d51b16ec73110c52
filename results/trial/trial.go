// Package trial owns the CSV row that everything in this project agrees on: one row is one trial, which is one
// combination of factors measured in one block.
//
// The contract, which other programs rely on:
//
//   - UTF-8, comma separated, a header, one line per row. Line breaks inside a value become spaces when it is
//     written, so that a line is a row and the bytes after the last newline are a torn row and nothing else.
//   - An empty field means "not measured". Zero means zero was measured. Hence [Float], [Int], [Bool] and [Time],
//     whose zero values are empty; an empty string is empty too.
//   - The unit is the suffix of the column: _us microseconds, _ms milliseconds, _ns nanoseconds, _s seconds,
//     _bytes bytes, _rps per second, _pct percent (0 to 100), _share a fraction (0 to 1).
//   - Rows are only ever appended, and hold no aggregates over rows.
//   - A file with another header or another schema_version is refused with a [SchemaError], never adapted.
//
// The functions may be called from any goroutine; [Append] may be called from several processes at once. The package keeps
// no state. A Trial is a plain comparable value that its caller owns.
package trial

// SchemaVersion is what the column schema_version holds. It grows whenever a column is added, removed, renamed or
// changes its meaning.
const SchemaVersion = 3

// Values of the column arrivals.
const (
	ArrivalsClosed   = "closed"   // a connection sends when its last reply is in; offered_rps is empty
	ArrivalsConstant = "constant" // open loop, evenly spaced
	ArrivalsPoisson  = "poisson"  // open loop, exponential gaps
)

// Values of the column verdict: whether a trial may be believed. Any value but VerdictOK comes with a
// verdict_reason that a person can read.
const (
	VerdictOK            = "ok"
	VerdictClientBound   = "client_bound"  // the load generator was the bottleneck: the server's capacity was not seen
	VerdictRateMissed    = "rate_missed"   // the server did not keep up with the offered rate
	VerdictLagging       = "lagging"       // requests left later than they were due
	VerdictErrors        = "errors"        // too many requests failed
	VerdictTooFew        = "too_few"       // not even the median has ten samples beyond it
	VerdictSteal         = "steal"         // the hypervisor took too much of the machine's CPU time
	VerdictNonstationary = "nonstationary" // throughput rose or fell over the measured time
	VerdictDrift         = "drift"         // the machine's speed changed between the beginning and the end
)

// Trial is one row. The order of the fields is the order of the columns; the tag is the column's name.
type Trial struct {
	// Identity. SchemaVersion is filled in by Append when it is empty.
	SchemaVersion Int    `csv:"schema_version"`
	CampaignID    string `csv:"campaign_id"`
	TrialID       string `csv:"trial_id"`
	CellID        string `csv:"cell_id"`
	Block         Int    `csv:"block"`
	OrderInBlock  Int    `csv:"order_in_block"`
	Seed          Int    `csv:"seed"`
	StartedAt     Time   `csv:"started_at_utc"`

	// Factors: what was chosen, not what was seen.
	Target           string `csv:"target"`
	Model            string `csv:"model"`
	Workload         string `csv:"workload"`
	URL              string `csv:"url"`
	Procs            Int    `csv:"procs"`
	Workers          Int    `csv:"workers"`
	Loops            Int    `csv:"loops"`
	Variant          string `csv:"variant"`
	Listener         string `csv:"listener"`
	Connections      Int    `csv:"connections"`
	Pipeline         Int    `csv:"pipeline"`
	PayloadBytes     Int    `csv:"payload_bytes"`
	Arrivals         string `csv:"arrivals"`
	OfferedRPS       Float  `csv:"offered_rps"`
	SpinIters        Int    `csv:"spin_iters"`
	WaitUs           Float  `csv:"wait_us"`
	HeavyConnections Int    `csv:"heavy_connections"`
	IdleConnections  Int    `csv:"idle_connections"`
	Keepalive        Bool   `csv:"keepalive"`
	Fault            string `csv:"fault"`
	Labels           Labels `csv:"labels"`

	// Timing. MeasureS is the length of the measured windows together, warm-up left out.
	StartToReadyUs Float `csv:"start_to_ready_us"`
	WarmupS        Float `csv:"warmup_s"`
	MeasureS       Float `csv:"measure_s"`

	// Counts, of requests: due = completed + unfinished + the errors.
	Due          Int `csv:"due"`
	Sent         Int `csv:"sent"`
	Completed    Int `csv:"completed"`
	Unfinished   Int `csv:"unfinished"`
	ErrConnect   Int `csv:"err_connect"`
	ErrReset     Int `csv:"err_reset"`
	ErrEOF       Int `csv:"err_eof"`
	ErrTimeout   Int `csv:"err_timeout"`
	ErrStatus    Int `csv:"err_status"`
	ErrMalformed Int `csv:"err_malformed"`
	ErrMismatch  Int `csv:"err_mismatch"`

	// Responses. Latency counts from due, service from sent, lag is sent less due. A quantile with fewer than
	// ten samples beyond it is left empty by whoever measures.
	ThroughputRPS Float `csv:"throughput_rps"`
	GoodputRPS    Float `csv:"goodput_rps"`
	LatMinUs      Float `csv:"lat_min_us"`
	LatP50Us      Float `csv:"lat_p50_us"`
	LatP90Us      Float `csv:"lat_p90_us"`
	LatP99Us      Float `csv:"lat_p99_us"`
	LatP999Us     Float `csv:"lat_p999_us"`
	LatMaxUs      Float `csv:"lat_max_us"`
	LatMeanUs     Float `csv:"lat_mean_us"`
	ServiceP50Us  Float `csv:"service_p50_us"`
	ServiceP99Us  Float `csv:"service_p99_us"`
	LagP99Us      Float `csv:"lag_p99_us"`
	LagMaxUs      Float `csv:"lag_max_us"`
	ConnectP99Us  Float `csv:"connect_p99_us"`
	RecoveryMs    Float `csv:"recovery_ms"`
	LightP99Us    Float `csv:"light_p99_us"`
	LostUpdates   Int   `csv:"lost_updates"`

	// What went wrong, where that is what was studied. ConnsLost are the connections open when a fault struck that it ended. NewConns
	// and NewConnsFailed are of those attempted from then on. Orders are the different orders in which the same input was answered.
	ConnsLost      Int `csv:"conns_lost"`
	NewConns       Int `csv:"new_conns"`
	NewConnsFailed Int `csv:"new_conns_failed"`
	Orders         Int `csv:"orders"`

	// Cost, of the server's whole process tree and of the load generator.
	ServerCPUUserS    Float `csv:"server_cpu_user_s"`
	ServerCPUSysS     Float `csv:"server_cpu_sys_s"`
	ServerCPUUsPerReq Float `csv:"server_cpu_us_per_req"`
	ServerPSSBytes    Int   `csv:"server_pss_bytes"`
	ServerThreads     Int   `csv:"server_threads"`
	ServerCtxVol      Int   `csv:"server_ctx_vol"`
	ServerCtxInvol    Int   `csv:"server_ctx_invol"`
	ClientCPUS        Float `csv:"client_cpu_s"`
	ClientCPUUsPerReq Float `csv:"client_cpu_us_per_req"`

	// Fairness. ConnJain is Jain's index over the connections' completed requests: 1 is perfectly even.
	WorkerShareMax Float `csv:"worker_share_max"`
	ConnJain       Float `csv:"conn_jain"`

	// Validity. ListenOverflows and TCPRetransmits are the growth of the machine's counters (of its network namespace)
	// while the trial ran: in a rotation all of it, the same for all of its targets. CPUMHz is the mean over all CPUs.
	Verdict         string `csv:"verdict"`
	VerdictReason   string `csv:"verdict_reason"`
	ClientCPUShare  Float  `csv:"client_cpu_share"`
	StealPct        Float  `csv:"steal_pct"`
	ListenOverflows Int    `csv:"listen_overflows"`
	TCPRetransmits  Int    `csv:"tcp_retransmits"`
	CalibBeforeNs   Float  `csv:"calib_before_ns"`
	CalibAfterNs    Float  `csv:"calib_after_ns"`
	CPUMHz          Float  `csv:"cpu_mhz"`

	// The machine, all of it filled in by ThisMachine.
	Machine
}

// OpenLoop tells whether requests were due at times drawn beforehand. A trial that names no arrivals is open loop
// when it was offered a rate.
func (t Trial) OpenLoop() bool {
	if t.Arrivals != "" {
		return t.Arrivals != ArrivalsClosed
	}
	rate, measured := t.OfferedRPS.Get()
	return measured && rate > 0
}

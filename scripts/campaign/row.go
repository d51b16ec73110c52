package campaign

import (
	"fmt"

	"modelbench/results/trial"
	"modelbench/scripts/campaign/spec"
)

// complete adds to what loadgen knows of a trial what only the campaign knows.
func (r *runner) complete(t *trial.Trial, s *server, w Workload, block, place int, env environment) {
	t.CampaignID = r.cfg.ID
	t.TrialID = fmt.Sprintf("%s/%d/%s/%s", r.cfg.ID, block, w.Name, s.target.Name)
	t.Block, t.OrderInBlock, t.Seed = trial.I(block), trial.I(place), trial.I(r.cfg.Seed)
	t.Target, t.Model, t.Variant, t.Workload = s.target.Name, s.target.Model, s.target.Variant, w.Name
	t.Procs, t.Workers, t.Loops = given(s.target.Procs), given(s.target.Workers), given(s.target.Loops)
	t.SpinIters, t.PayloadBytes = given(w.SpinIters), given(w.PayloadBytes)
	if w.Wait > 0 {
		t.WaitUs = trial.F(float64(w.Wait) / 1e3)
	}
	if s.toReady > 0 {
		t.StartToReadyUs = trial.F(float64(s.toReady) / 1e3)
	}
	t.CalibBeforeNs, t.CalibAfterNs = trial.F(env.calib[0]), trial.F(env.calib[1])
	t.CPUMHz = env.mhz
	t.Machine = r.machine
	t.GitRev = r.cfg.Git.String()
	if s.target.Rev != "" {
		t.GitRev = s.target.Rev
	}
	if t.Verdict == trial.VerdictOK && w.Fault == (spec.Injection{}) && !s.target.Probe && s.exited() {
		t.Verdict, t.VerdictReason = trial.VerdictErrors, "the server ended while it was loaded"
	}
	for key, cpus := range map[string]string{"server_cpus": r.cfg.ServerCPUs, "client_cpus": r.cfg.ClientCPUs} {
		if cpus != "" {
			if err := trial.SetLabel(t, key, cpus); err != nil {
				r.fail("%s: %v", t.TrialID, err)
			}
		}
	}
	for key, value := range w.Labels {
		if err := trial.SetLabel(t, key, value); err != nil {
			r.fail("%s: %v", t.TrialID, err)
		}
	}
	if w.Heavy != (spec.Heavy{}) {
		t.HeavyConnections = trial.I(w.Heavy.Connections)
	}
	t.Fault = w.Fault.Kind
	t.CellID = trial.CellID(*t)
}

// given is a factor that a target or workload has when it is not 0.
func given(n int) trial.Int {
	if n == 0 {
		return trial.Int{}
	}
	return trial.I(n)
}

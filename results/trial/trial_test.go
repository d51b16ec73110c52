package trial

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The contract, written out: a column that moves or changes its name breaks other people's programs.
const contract = "schema_version,campaign_id,trial_id,cell_id,block,order_in_block,seed,started_at_utc," +
	"target,model,workload,url,procs,workers,loops,variant,listener,connections,pipeline,payload_bytes," +
	"arrivals,offered_rps,spin_iters,wait_us,heavy_connections,idle_connections,keepalive,fault,labels," +
	"start_to_ready_us,warmup_s,measure_s," +
	"due,sent,completed,unfinished,err_connect,err_reset,err_eof,err_timeout,err_status,err_malformed,err_mismatch," +
	"throughput_rps,goodput_rps,lat_min_us,lat_p50_us,lat_p90_us,lat_p99_us,lat_p999_us,lat_max_us,lat_mean_us," +
	"service_p50_us,service_p99_us,lag_p99_us,lag_max_us,connect_p99_us,recovery_ms,light_p99_us,lost_updates," +
	"conns_lost,new_conns,new_conns_failed,orders," +
	"server_cpu_user_s,server_cpu_sys_s,server_cpu_us_per_req,server_pss_bytes,server_threads,server_ctx_vol," +
	"server_ctx_invol,client_cpu_s,client_cpu_us_per_req," +
	"worker_share_max,conn_jain," +
	"verdict,verdict_reason,client_cpu_share,steal_pct,listen_overflows,tcp_retransmits,calib_before_ns,calib_after_ns,cpu_mhz," +
	"host_id,kernel,cpu_model,cpus,go_version,git_rev\n"

func TestHeaderIsTheContract(t *testing.T) {
	t.Parallel()
	if got := string(header()); got != contract {
		t.Errorf("header:\n%s\nwant\n%s", got, contract)
	}
}

func TestGroups(t *testing.T) {
	t.Parallel()
	count := map[Group]int{}
	for _, c := range Columns() {
		count[c.Group]++
	}
	want := map[Group]int{Identity: 8, Factors: 21, Timing: 3, Counts: 11, Response: 21, Cost: 9, Fairness: 2,
		Validity: 9, Host: 6}
	for g, n := range want {
		if count[g] != n {
			t.Errorf("group %s has %d columns, want %d", g, count[g], n)
		}
	}
}

// A trial that was never filled must come out as empty fields: a zero would claim a measurement.
func TestNotMeasuredIsEmpty(t *testing.T) {
	t.Parallel()
	line, err := encode([]Trial{{}})
	if err != nil {
		t.Fatal(err)
	}
	if want := "3" + strings.Repeat(",", len(columns)-1) + "\n"; string(line) != want {
		t.Errorf("got %q, want %q", line, want)
	}
	zero, err := encode([]Trial{{Due: I(0), WarmupS: F(0), Keepalive: B(false)}})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(string(zero), "0") + strings.Count(string(zero), "false"); got != 3 {
		t.Errorf("measured zeros are lost: %q", zero)
	}
}

// trials draws values for every column by name, so a new column is covered without a change here.
func trials() *rapid.Generator[Trial] {
	return rapid.Custom(func(r *rapid.T) Trial {
		t := Trial{SchemaVersion: I(SchemaVersion)}
		for _, c := range columns {
			if c.Name == "schema_version" || rapid.Bool().Draw(r, "skip") {
				continue
			}
			text := rapid.StringN(0, 12, -1).Filter(func(s string) bool {
				return s == lineBreaks.Replace(s)
			}).Draw(r, c.Name)
			number := rapid.Float64Range(-1e12, 1e12).Draw(r, "number")
			moment := time.UnixMilli(rapid.Int64Range(0, 4e12).Draw(r, "ms"))
			for _, candidate := range []string{
				text, "k=" + F(number).String(), F(number).String(), I(int64(number)).String(),
				B(number > 0).String(), T(moment).String(),
			} {
				if Set(&t, c.Name, candidate) == nil {
					break
				}
			}
		}
		return t
	})
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		in := rapid.SliceOfN(trials(), 0, 4).Draw(r, "trials")
		rows, err := encode(in)
		if err != nil {
			r.Fatal(err)
		}
		out, torn, err := Read(bytes.NewReader(append(header(), rows...)))
		if err != nil || torn || len(out) != len(in) {
			r.Fatalf("%d trials, torn %v, error %v; want %d", len(out), torn, err, len(in))
		}
		for i := range in {
			if out[i] != in[i] {
				r.Fatalf("trial %d: got\n%+v\nwant\n%+v", i, out[i], in[i])
			}
			for _, c := range columns {
				var again Trial
				if err := Set(&again, c.Name, c.Text(in[i])); err != nil || c.Text(again) != c.Text(in[i]) {
					r.Fatalf("%s: %q does not survive Set: %q, %v", c.Name, c.Text(in[i]), c.Text(again), err)
				}
			}
		}
	})
}

func TestLineBreaksBecomeSpaces(t *testing.T) {
	t.Parallel()
	for _, c := range columns {
		var tr Trial
		if Set(&tr, c.Name, "k=a\r\nb\nc\rd\x00e\xff\"") != nil {
			continue // not a text
		}
		line, err := encode([]Trial{tr})
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(line, []byte("\n")); n != 1 || bytes.ContainsAny(line, "\r\x00") {
			t.Errorf("%s: a row of %d lines: %q", c.Name, n, line)
		}
		if _, err := decodeRow(line[:len(line)-1]); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
	}
}

func TestEncodeRefusesAnotherVersion(t *testing.T) {
	t.Parallel()
	var schema *SchemaError
	if _, err := encode([]Trial{{SchemaVersion: I(SchemaVersion + 1)}}); !errors.As(err, &schema) || schema.Column != 0 {
		t.Errorf("got %v, want a schema error about the version", err)
	}
}

func TestOpenLoop(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		t    Trial
		want bool
	}{
		{Trial{}, false},
		{Trial{OfferedRPS: F(0)}, false},
		{Trial{OfferedRPS: F(10)}, true},
		{Trial{Arrivals: ArrivalsClosed, OfferedRPS: F(10)}, false},
		{Trial{Arrivals: ArrivalsPoisson}, true},
		{Trial{Arrivals: ArrivalsConstant}, true},
	} {
		if got := c.t.OpenLoop(); got != c.want {
			t.Errorf("arrivals %q, rate %q: %v", c.t.Arrivals, c.t.OfferedRPS, got)
		}
	}
}

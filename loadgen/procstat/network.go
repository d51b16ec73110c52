package procstat

import "github.com/prometheus/procfs"

// Network is what the kernel counts of TCP's troubles since this machine (more precisely: its
// network namespace) came up, all processes together. The zero value is not known.
type Network struct {
	Known       bool
	Overflows   int64 // connections dropped because a listener's queue was full: ListenOverflows of TcpExt
	Retransmits int64 // segments sent again: RetransSegs of Tcp
}

// ReadNetwork reads /proc/self/net, which takes some 100 us: not while load is running. It is
// not known where there are no such files.
func ReadNetwork() Network { return readNetwork(procfs.DefaultMountPoint) }

func readNetwork(proc string) Network {
	fs, err := procfs.NewFS(proc)
	if err != nil {
		return Network{}
	}
	self, err := fs.Self()
	if err != nil {
		return Network{}
	}
	more, err := self.Netstat()
	if err != nil || more.ListenOverflows == nil {
		return Network{}
	}
	snmp, err := self.Snmp()
	if err != nil || snmp.RetransSegs == nil {
		return Network{}
	}
	return Network{true, int64(*more.ListenOverflows), int64(*snmp.RetransSegs)}
}

// Since is by how much the counters grew since an earlier reading; not known unless both are.
func (n Network) Since(before Network) Network {
	if !n.Known || !before.Known {
		return Network{}
	}
	return Network{true, n.Overflows - before.Overflows, n.Retransmits - before.Retransmits}
}

package app

// A Job is what has to be done before a Reply can be sent, and takes its time.
type Job uint8

const (
	Nothing Job = iota
	ToSpin      // Amount iterations of Spin
	ToAdd       // the counter is to count one more
	ToLoad      // the counter is to be read
	ToFail      // a fault; see Reply.Fault
)

// Work does the job of rep and completes rep with what came of it. It takes as long
// as the job does: it computes, or asks whoever keeps the counter, or goes wrong.
// Any number of goroutines may work at once, each on a Reply of its own.
func (a *App) Work(rep *Reply) {
	job := rep.Job
	rep.Job = Nothing
	switch job {
	case ToSpin:
		// The result is looked at so that the compiler may not drop the work. It is never
		// 0: each step of the kernel can be undone, and 0 comes of 0 alone.
		if Spin(rep.Amount) == 0 {
			panic("the kernel has come to 0")
		}
	case ToAdd, ToLoad:
		a.count(job, rep)
	case ToFail:
		if err := a.Fault(rep.Fault, rep.Amount); err != nil {
			refuse(rep, 500, "the fault: "+err.Error()+"\n")
		}
	}
}

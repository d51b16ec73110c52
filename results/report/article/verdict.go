package article

import "modelbench/results/claims"

// verdicts in the order of the tally, each with what it means.
var verdicts = []struct {
	verdict claims.Verdict
	means   string
}{
	{claims.Holds, "every test says yes"},
	{claims.Refuted, "every test says no"},
	{claims.Depends, "some say yes, some no"},
	{claims.Undecided, "too little, or too wide"},
	{claims.NoVerdict, "a count stands for it"},
	{claims.NotMeasured, "no trial"},
}

// count is a verdict and how many claims have it.
type count struct {
	Verdict claims.Verdict
	Icon    string
	Means   string
	Claims  int
}

// tally counts the verdicts; those that no claim has count 0.
func tally(findings []claims.Finding) []count {
	var list []count
	for _, v := range verdicts {
		c := count{Verdict: v.verdict, Icon: icon(string(v.verdict)), Means: v.means}
		for _, f := range findings {
			if f.Verdict == v.verdict {
				c.Claims++
			}
		}
		list = append(list, c)
	}
	return list
}

// icon names the symbol of a verdict or an answer: no two that mean different things look alike without their colours.
func icon(of string) string {
	switch of {
	case string(claims.Holds), string(claims.Yes):
		return "yes"
	case string(claims.Refuted), string(claims.No):
		return "no"
	case string(claims.Depends):
		return "half"
	case string(claims.Undecided), string(claims.Unknown):
		return "open"
	case string(claims.NoVerdict), string(claims.Observed):
		return "seen"
	}
	return "none"
}

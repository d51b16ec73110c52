package trial

import "strings"

// AgainSuffix ends the name of a campaign's A/A arm: the copy of a target that runs beside it, with its own executable
// file and nothing else of its own. AgainVariant is its variant, or the last word of it.
const (
	AgainSuffix  = "-again"
	AgainVariant = "again"
)

// Again tells whether the trial is of a target that was run a second time, and of which. What differs between the two is
// the machine's own noise: such a trial ranks nowhere.
func (t Trial) Again() (of string, ok bool) {
	of, named := strings.CutSuffix(t.Target, AgainSuffix)
	if !named || of == "" || t.Variant != AgainVariant && !strings.HasSuffix(t.Variant, " "+AgainVariant) {
		return "", false
	}
	return of, true
}

package claims

import "testing"

// The claims that ship can be judged, all of them, and twelve blocks are enough for it.
func TestDefault(t *testing.T) {
	t.Parallel()
	s, err := Parse(RulesName, Default)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Claims) != 28 || s.Claims[27].ID != 28 {
		t.Errorf("%d claims", len(s.Claims))
	}
	r := Judge(s, Measured{})
	for _, f := range r.Findings {
		if f.Verdict != NotMeasured {
			t.Errorf("without a trial claim %d is %s", f.Claim.ID, f.Verdict)
		}
	}
	tests := 0
	for _, c := range s.Claims {
		for _, test := range c.Tests {
			if test.Decides() {
				tests++
			}
		}
	}
	if tests > 102 { // 2/2^12 * 102 < 0.05
		t.Errorf("%d tests decide: too many for twelve blocks", tests)
	}
}

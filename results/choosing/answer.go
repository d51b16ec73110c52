package choosing

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"modelbench/results/choose"
	"modelbench/results/claims/complexity"
	"modelbench/results/folder"
)

// Answered is a factor with its answers. It is plain data; FORMAT.md describes its JSON.
type Answered struct {
	Factor  string   `json:"factor"`
	Asks    string   `json:"asks"`
	Answers []Answer `json:"answers"`
	// Always are the targets that are among the answers to all questions that were answered; Decided is how many those are.
	Always  []string `json:"always"`
	Decided int      `json:"decided"`
	// Conclusion is that in a sentence.
	Conclusion string `json:"conclusion"`
}

// Answer is the answer to a question.
type Answer struct {
	Question string         `json:"question"`
	Outcome  choose.Outcome `json:"outcome"`
	// Targets are the one recommended, those tied, or those that are not told apart; Preferred those of a tie that are.
	Targets   []string `json:"targets"`
	Preferred []string `json:"preferred"`
	// Considered are the targets that it was asked of.
	Considered []string `json:"considered"`
	Answer     string   `json:"answer"` // in a sentence, without the outcome
	// Because are the comparisons that it rests on, and Rejected what of the constraints was not met, each with its interval, blocks and trials.
	Because  []string `json:"because"`
	Rejected []string `json:"rejected"`
	Command  string   `json:"command"` // that asks it, and says more
	// Missing is what was not measured and would decide; Measure the command that runs the experiment for it. Empty: nothing.
	Missing []string `json:"missing"`
	Measure string   `json:"measure,omitempty"`
}

// Code reads how much code the models' drivers are from the folders of claims among these; nil: none of them knows.
func Code(folders []folder.Folder) ([]complexity.Row, error) {
	for _, f := range folders {
		if f.Claims == "" {
			continue
		}
		path := filepath.Join(f.Claims, complexity.FileName)
		file, err := os.Open(path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		defer file.Close()
		rows, err := complexity.Read(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return rows, nil
	}
	return nil, nil
}

// Of answers the questions of all factors. The folder is what stands in the commands. A question that the trials cannot be asked, as
// an experiment was not run, is undecided. Errors: choose.ErrMixed, and analysis.ErrNothing where there is no trial.
func Of(folders []folder.Folder, path string, factors []Factor) ([]Answered, error) {
	trials, err := choose.Read(folders)
	if err != nil {
		return nil, err
	}
	if trials.Code, err = Code(folders); err != nil {
		return nil, err
	}
	var all []Answered
	for _, f := range factors {
		a := Answered{Factor: f.Name, Asks: f.Asks, Answers: []Answer{}}
		for _, q := range f.Questions {
			one, err := ask(trials, q, path)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", q.Question, err)
			}
			a.Answers = append(a.Answers, one)
		}
		a.conclude()
		all = append(all, a)
	}
	return all, nil
}

func ask(trials *choose.Trials, q Question, path string) (Answer, error) {
	a := Answer{Question: q.Question, Outcome: choose.Undecided, Targets: []string{}, Preferred: []string{}, Because: []string{}, Rejected: []string{},
		Missing: []string{}, Command: q.need.Command(path)}
	measure := "go run ./scripts/claims --experiment " + q.Experiment
	advice, err := trials.Ask(q.need)
	var need *choose.NeedError
	switch {
	case errors.As(err, &need):
		a.Answer, a.Measure = need.Error(), measure
		if !trials.Has(q.need.Workloads...) {
			a.Answer = fmt.Sprintf("the experiment %s was not run", q.Experiment)
		}
		return a, nil
	case err != nil:
		return a, err
	}
	a.Outcome, a.Targets, a.Preferred, a.Answer = advice.Outcome, advice.Targets, advice.Preferred, advice.Answer
	if said := advice.Preference(); said != "" {
		a.Answer += ". " + strings.TrimSuffix(said, ".")
	}
	for _, s := range advice.Because {
		a.Because = append(a.Because, s.String())
	}
	for _, k := range advice.Candidates {
		a.Considered = append(a.Considered, k.Target)
		for _, check := range k.Checks {
			if check.Status == choose.Rejected {
				a.Rejected = append(a.Rejected, k.Target+": "+check.Sentence.String())
			}
		}
	}
	for _, m := range advice.Missing {
		a.Missing, a.Measure = append(a.Missing, m.What), measure
	}
	return a, nil
}

// Decided tells whether the question was answered by a recommendation or a tie.
func (a Answer) Decided() bool { return a.Outcome == choose.Recommendation || a.Outcome == choose.Tie }

// conclude finds whether one target would do for all questions that it was asked in, of at least two. A question that other targets
// are asked says nothing of it.
func (a *Answered) conclude() {
	a.Always = []string{}
	asked, chosen := map[string]int{}, map[string]int{}
	for _, one := range a.Answers {
		if !one.Decided() {
			continue
		}
		a.Decided++
		for _, name := range one.Considered {
			asked[name]++
		}
		for _, name := range one.Targets {
			chosen[name]++
		}
	}
	compared := 0
	for _, name := range slices.Sorted(maps.Keys(asked)) {
		if asked[name] < 2 {
			continue
		}
		if compared++; chosen[name] == asked[name] {
			a.Always = append(a.Always, name)
		}
	}
	switch {
	case compared == 0:
		a.Conclusion = fmt.Sprintf("%d of %d questions answered: too few to tell whether it matters", a.Decided, len(a.Answers))
	case len(a.Always) == 0:
		a.Conclusion = fmt.Sprintf("it matters: no target is among the answers to all that it was asked in, of the %d questions answered", a.Decided)
	default:
		a.Conclusion = fmt.Sprintf("%s would do for all questions that it was asked in, of the %d that were answered", strings.Join(a.Always, " or "), a.Decided)
	}
}

// Package choosing answers, from trials of the claims, the questions by which an article chooses a technique: the type of the task, the
// complexity of the code, the resources there are, the load to be expected.
//
// The questions are data: choosing.yaml, beside this file, which a person reads and edits. Package choose answers each of them as it would
// answer the same question of anybody; nothing here knows what ought to come out.
//
//	choosing.yaml --Parse--> []Factor --Of(trials)--> []Answered: per question the outcome, the answer in a sentence, the command that asks it
package choosing

import (
	_ "embed"
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"

	"modelbench/results/choose"
)

// Default is choosing.yaml, beside this file.
//
//go:embed choosing.yaml
var Default []byte

// Factor is one of the factors, with questions that it comes to.
type Factor struct {
	Name      string     `yaml:"name"`
	Asks      string     `yaml:"asks"` // in a sentence
	Questions []Question `yaml:"questions"`
}

// Question is what somebody may want to know before choosing.
type Question struct {
	Question   string `yaml:"question"`   // in words
	Experiment string `yaml:"experiment"` // of the claims, that measures it
	Choose     flags  `yaml:"choose"`
	need       choose.Need
}

// Need is what is asked.
func (q Question) Need() choose.Need { return q.need }

// flags are those of results choose, by their names.
type flags struct {
	Workload    words             `yaml:"workload"`
	Connections int64             `yaml:"connections"`
	Rate        string            `yaml:"rate"`
	Where       map[string]string `yaml:"where"`
	P99         float64           `yaml:"p99_us"`
	Memory      string            `yaml:"memory"`
	Cores       int64             `yaml:"cores"`
	Isolation   string            `yaml:"isolation"`
	SharedState bool              `yaml:"shared_state"`
	Blocking    bool              `yaml:"blocking"`
	Target      words             `yaml:"target"`
	Objective   words             `yaml:"objective"`
	Code        string            `yaml:"code"`
}

// words are one or a list.
type words []string

// UnmarshalYAML implements yaml.InterfaceUnmarshaler.
func (w *words) UnmarshalYAML(read func(any) error) error {
	var one string
	if err := read(&one); err == nil {
		*w = words{one}
		return nil
	}
	return read((*[]string)(w))
}

// Parse reads the factors. Errors name the line, or the question.
func Parse(text []byte) ([]Factor, error) {
	var file struct {
		Factors []Factor `yaml:"factors"`
	}
	if err := yaml.UnmarshalWithOptions(text, &file, yaml.Strict()); err != nil {
		return nil, err
	}
	if len(file.Factors) == 0 {
		return nil, errors.New("it has no factors")
	}
	for _, f := range file.Factors {
		if f.Name == "" || len(f.Questions) == 0 {
			return nil, fmt.Errorf("factor %q: it needs a name and questions", f.Name)
		}
		for i := range f.Questions {
			q := &f.Questions[i]
			var err error
			if q.need, err = q.Choose.need(); err == nil && (q.Question == "" || q.Experiment == "") {
				err = errors.New("it needs words, and the experiment that measures it")
			}
			if err != nil {
				return nil, fmt.Errorf("%s: question %q: %w", f.Name, q.Question, err)
			}
		}
	}
	return file.Factors, nil
}

// need is what the flags ask for.
func (f flags) need() (n choose.Need, err error) {
	if n.Workloads, n.Weighted, err = choose.ParseMix(f.Workload); err != nil {
		return n, err
	}
	if f.Rate != "" {
		if n.Rate, n.Closed, err = choose.ParseRate(f.Rate); err != nil {
			return n, err
		}
	}
	if f.Memory != "" {
		if n.Memory, err = choose.ParseSize("memory", f.Memory); err != nil {
			return n, err
		}
	}
	if n.Objectives, err = choose.ParseObjectives(f.Objective); err != nil {
		return n, err
	}
	for _, word := range []struct{ key, value, only string }{{"isolation", f.Isolation, "process"}, {"code", f.Code, "simple"}} {
		if word.value != "" && word.value != word.only {
			return n, fmt.Errorf("%s: %q is not %s", word.key, word.value, word.only)
		}
	}
	n.Connections, n.Where, n.P99, n.Cores, n.Targets = f.Connections, f.Where, f.P99, f.Cores, f.Target
	n.Isolation, n.SharedState, n.Blocking, n.Simplest = f.Isolation != "", f.SharedState, f.Blocking, f.Code != ""
	return n, n.Validate()
}

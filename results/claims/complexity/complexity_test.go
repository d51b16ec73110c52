package complexity

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

var some = []Row{
	{"goroutine", "servers/blocking", 3, 300, 20, 40, 50, 9, 12},
	{"goroutine", "servers/goroutine", 1, 20, 3, 1, 2, 0, 1},
	{"eventloop", "servers/eventloop", 9, 500, 40, 90, 120, 30, 33},
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	if err := Write(&file, some); err != nil {
		t.Fatal(err)
	}
	const header = "model,folder,files,lines,functions,branches,cognitive,states,primitives\n"
	if !strings.HasPrefix(file.String(), header) {
		t.Errorf("it begins with %q", file.String())
	}
	got, err := Read(&file)
	if err != nil || !reflect.DeepEqual(got, some) {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := Read(strings.NewReader(header)); err != nil || len(got) != 0 {
		t.Errorf("of a header alone: %v, %v", got, err)
	}
}

func TestModels(t *testing.T) {
	t.Parallel()
	want := []Row{{"goroutine", "", 4, 320, 23, 41, 52, 9, 13}, {"eventloop", "", 9, 500, 40, 90, 120, 30, 33}}
	if got := Models(some); !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
	if some[0].Folder == "" {
		t.Error("the rows themselves have changed")
	}
}

func TestFigures(t *testing.T) {
	t.Parallel()
	for i, name := range Figures {
		if got, ok := (Row{"", "", 1, 2, 3, 4, 5, 6, 7}).Figure(name); !ok || got != i+1 {
			t.Errorf("%s is %d, %v", name, got, ok)
		}
	}
	if _, ok := some[0].Figure("model"); ok {
		t.Error("model is no figure")
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	if err := Write(&file, some); err != nil {
		t.Fatal(err)
	}
	good := file.String()
	for text, says := range map[string]string{
		"":                                       "empty",
		strings.Replace(good, "lines", "loc", 1): "header",
		strings.Replace(good, ",300,", ",-3,", 1):                                     "line 2: lines is -3",
		strings.Replace(good, ",500,", ",5x,", 1):                                     "line 4",
		strings.Replace(good, "goroutine,servers/goroutine", ",servers/goroutine", 1): "line 3: it names no model",
	} {
		if rows, err := Read(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, %v; want an error with %q", text, rows, err, says)
		}
	}
}

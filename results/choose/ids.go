package choose

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// mostRanges is how many ranges a text names; the JSON has all ids.
const mostRanges = 4

// ranges writes ids compactly: c/1/wait/a, c/2/wait/a and c/1/wait/b, c/2/wait/b are c/1-2/wait/{a,b}.
func ranges(ids []string) string {
	type form struct{ before, after string }
	numbers := map[form][]int{}
	var order []form
	for _, id := range ids {
		f, n := form{before: id}, -1
		parts := strings.Split(id, "/")
		for i, part := range parts {
			if v, err := atoi(part); err == nil {
				f, n = form{strings.Join(parts[:i], "/") + "/", "/" + strings.Join(parts[i+1:], "/")}, v
				break
			}
		}
		if _, has := numbers[f]; !has {
			order = append(order, f)
		}
		numbers[f] = append(numbers[f], n)
	}
	lasts := map[string][]string{} // all but the last part -> the last parts
	for _, f := range order {
		ns := numbers[f]
		slices.Sort(ns)
		whole := f.before + spans(ns) + f.after
		cut := strings.LastIndex(whole, "/") + 1
		lasts[whole[:cut]] = append(lasts[whole[:cut]], whole[cut:])
	}
	var texts []string
	for first, last := range lasts {
		slices.Sort(last)
		if more := len(last) - mostRanges; more > 0 {
			last = append(last[:mostRanges], fmt.Sprintf("and %d more", more))
		}
		text := first + strings.Join(last, ", ")
		if len(last) > 1 && first != "" {
			text = first + "{" + strings.Join(last, ",") + "}"
		}
		texts = append(texts, text)
	}
	slices.Sort(texts)
	if more := len(texts) - mostRanges; more > 0 {
		texts = append(texts[:mostRanges], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(texts, ", ")
}

// spans writes 1, 2, 3, 5 as 1-3+5; -1 stands for no number.
func spans(ns []int) string {
	var parts []string
	for i := 0; i < len(ns); {
		j := i
		for j+1 < len(ns) && ns[j+1] <= ns[j]+1 {
			j++
		}
		switch {
		case ns[i] < 0:
		case ns[i] == ns[j]:
			parts = append(parts, fmt.Sprint(ns[i]))
		default:
			parts = append(parts, fmt.Sprintf("%d-%d", ns[i], ns[j]))
		}
		i = j + 1
	}
	return strings.Join(parts, "+")
}

// atoi reads a block's number: digits alone.
func atoi(s string) (int, error) {
	if strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' }) {
		return 0, strconv.ErrSyntax
	}
	return strconv.Atoi(s)
}

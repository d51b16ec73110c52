package change

import (
	"modelbench/results/folder"
	"modelbench/results/trial"
)

// column returns the texts that a column holds, each as often as it occurs.
func column(f folder.Folder, name string) []string {
	var list []string
	for _, c := range trial.Columns() {
		if c.Name == name {
			for _, t := range f.Trials {
				list = append(list, c.Text(t))
			}
		}
	}
	return list
}

//go:build !linux

package campaign

import "modelbench/results/trial"

func frequency() trial.Float { return trial.Float{} }

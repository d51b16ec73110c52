package main

import (
	"fmt"
	"os"

	"modelbench/results/claims"
)

type claimsCmd struct {
	Folder string `arg:"" help:"Folder that go run ./scripts/claims has written."`

	Claim  []int  `placeholder:"N" help:"Judge these claims alone: their tests are then all that is corrected for (default: those that the run was asked for)."`
	Rules  string `placeholder:"FILE" help:"Judge by the claims of this file, not by claims.yaml in the folder."`
	Format string `enum:"text,markdown,csv,json" default:"text" placeholder:"FORMAT" help:"text, markdown (a row for each claim), csv (a row for each test) or json (both described in results/claims/FORMAT.md) (default ${default})."`
}

func (c *claimsCmd) Run(io streams) error {
	set, measured, doubts, err := c.read()
	if err != nil {
		return err
	}
	io.doubt(doubts)
	if len(c.Claim) > 0 {
		if set, err = set.Only(c.Claim...); err != nil {
			return usageError{fmt.Errorf("--claim: %w", err)}
		}
	}
	return claims.Formats[c.Format](io.stdout, claims.Judge(set, measured))
}

// read reads the folder, by its own rules or by others.
func (c *claimsCmd) read() (claims.Set, claims.Measured, []string, error) {
	if c.Rules == "" && len(c.Claim) == 0 {
		return claims.Open(c.Folder)
	}
	set, err := c.rules()
	if err != nil {
		return claims.Set{}, claims.Measured{}, nil, err
	}
	measured, doubts, err := claims.Read(c.Folder, set)
	return set, measured, doubts, err
}

func (c *claimsCmd) rules() (claims.Set, error) {
	if c.Rules == "" {
		return claims.Rules(c.Folder)
	}
	text, err := os.ReadFile(c.Rules)
	if err != nil {
		return claims.Set{}, fmt.Errorf("--rules: %w", err)
	}
	return claims.Parse(c.Rules, text)
}

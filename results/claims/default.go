package claims

import _ "embed"

// Default is claims.yaml, beside this file: the claims that are tested unless others are named.
//
//go:embed claims.yaml
var Default []byte

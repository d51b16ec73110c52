package protocol

// Classes of bytes, from RFC 9110 (sections 5.1, 5.5 and 5.6.2) and RFC 3986.
const (
	isToken      = 1 << iota // tchar: methods and field names
	isValue                  // field-vchar, obs-text, SP and HTAB
	isTarget                 // what may stand in a request target: no fragment, nothing to be encoded
	isRegName                // what may stand in the name of a host
	isUnreserved             // what means the same encoded or not
	isDigitClass             // 0-9
	isHex                    // 0-9, a-f, A-F
)

var classOf = func() (class [256]uint8) {
	set := func(bytes string, c uint8) {
		for i := range len(bytes) {
			class[bytes[i]] |= c
		}
	}
	const digits = "0123456789"
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	set(digits+letters+"!#$%&'*+-.^_`|~", isToken)
	const unreserved, subDelims = digits + letters + "-._~", "!$&'()*+,;="
	set(unreserved, isUnreserved)
	set(unreserved+subDelims+"%", isRegName)
	set(unreserved+subDelims+"%:@/?[]", isTarget) // brackets for the host of the absolute form
	set(digits, isDigitClass)
	set(digits+"abcdefABCDEF", isHex)
	set("\t ", isValue)
	for b := 0x21; b < 0x7f; b++ {
		class[b] |= isValue
	}
	for b := 0x80; b <= 0xff; b++ {
		class[b] |= isValue
	}
	return class
}()

// all reports whether every byte of b is of the class.
func all(b []byte, class uint8) bool {
	for _, c := range b {
		if classOf[c]&class == 0 {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return classOf[c]&isDigitClass != 0 }

// run is how many bytes at the beginning of b are of the class.
func run(b []byte, class uint8) int {
	for i, c := range b {
		if classOf[c]&class == 0 {
			return i
		}
	}
	return len(b)
}

// skipSpace takes optional white space off the beginning.
func skipSpace(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	return b
}

// trim takes optional white space (SP and HTAB) off both ends.
func trim(b []byte) []byte {
	b = skipSpace(b)
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}

// equalFold compares b with a lower-case ASCII name.
func equalFold(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

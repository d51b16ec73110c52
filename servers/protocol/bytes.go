package protocol

// Classes of bytes, from RFC 9110 (sections 5.1, 5.5 and 5.6.2) and RFC 3986.
const (
	isToken      = 1 << iota // tchar: methods and field names
	isValue                  // field-vchar, obs-text, SP and HTAB
	isVisible                // VCHAR: request targets
	isAuthority              // what may stand in a Host: unreserved, sub-delims, ":", "[", "]", "%"
	isDigitClass             // 0-9
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
	set(digits+letters+"-._~!$&'()*+,;=:[]%", isAuthority)
	set(digits, isDigitClass)
	set("\t ", isValue)
	for b := 0x21; b < 0x7f; b++ {
		class[b] |= isValue | isVisible
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

// trim takes optional white space (SP and HTAB) off both ends.
func trim(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
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

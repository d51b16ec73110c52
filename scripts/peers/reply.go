package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// replyLimit is how many bytes of a reply are waited for, its head included.
const replyLimit = 64 << 10

// errEndless is what comes of a reply that has no end within replyLimit.
var errEndless = fmt.Errorf("the reply has no end within %d bytes", replyLimit)

// wholeReply tells whether a reply has arrived; an error is one after which the
// connection is not good for another.
func wholeReply(text []byte) (bool, error) {
	if len(text) > replyLimit {
		return false, errEndless
	}
	if !bytes.Contains(text, []byte("\r\n\r\n")) {
		return false, nil // half a head cannot be told from a bad one
	}
	in := bufio.NewReaderSize(bytes.NewReader(text), replyLimit)
	resp, err := http.ReadResponse(in, nil)
	if err != nil {
		return false, fmt.Errorf("read the reply: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK || resp.Close {
		return false, fmt.Errorf("it answers %s, closing: %v", resp.Status, resp.Close)
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return false, nil // more may come; a body that is bad never ends
	}
	if in.Buffered() > 0 {
		return false, errors.New("it answers more than was asked")
	}
	return true, nil
}

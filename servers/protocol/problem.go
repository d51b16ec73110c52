package protocol

// A problem is a request that cannot be served as HTTP: it is answered with its
// status and message, and the connection is closed, as what follows it cannot
// be told apart any more.
type problem struct {
	status  int
	message string
}

var (
	badLineEnd     = &problem{400, "a line does not end with CR LF\n"}
	badMethod      = &problem{400, "the method is not a token\n"}
	badTarget      = &problem{400, "the request target is not one that goes with the method\n"}
	badRequestLine = &problem{400, "the request line is not METHOD TARGET HTTP/1.1\n"}
	badFieldName   = &problem{400, "a header line does not begin with a name and a colon\n"}
	badFieldValue  = &problem{400, "a header value has a control character\n"}
	badHost        = &problem{400, "HTTP/1.1 needs exactly one valid Host header\n"}
	badLength      = &problem{400, "Content-Length is not one plain number\n"}
	badCoding      = &problem{400, "the only transfer coding here is a single chunked\n"}
	badFraming     = &problem{400, "Transfer-Encoding goes neither with Content-Length nor with HTTP/1.0\n"}
	badChunk       = &problem{400, "the chunked body is malformed\n"}
	badTrailer     = &problem{400, "a trailer must not say where a message ends or whom it is for\n"}
	timedOut       = &problem{408, "the request did not arrive in time\n"}
	bodyTooLong    = &problem{413, "the request body is over the limit\n"}
	targetTooLong  = &problem{414, "the request line is over the limit\n"}
	badExpect      = &problem{417, "the only expectation here is 100-continue\n"}
	headTooLong    = &problem{431, "the request head is over the limit\n"}
	noTunnel       = &problem{501, "this server is no proxy: CONNECT is not implemented\n"}
	badVersion     = &problem{505, "this server speaks HTTP/1.1 and HTTP/1.0\n"}
)

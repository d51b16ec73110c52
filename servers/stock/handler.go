package main

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/valyala/fasthttp"

	"modelbench/servers/app"
)

// routes are what all libraries serve. /count is kept with an atomic increment, in
// each process for itself.
var routes app.App

// serveNetHTTP answers a request as the app says, through net/http.
func serveNetHTTP(w http.ResponseWriter, r *http.Request) {
	req := app.Request{Method: get(r.Method), Path: []byte(r.URL.Path), Query: []byte(r.URL.RawQuery)}
	if r.ContentLength != 0 {
		var err error
		if req.Body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, fasthttp.DefaultMaxRequestBodySize)); err != nil {
			refuseBody(w, err)
			return
		}
	}
	var rep app.Reply
	routes.Serve(&req, &rep)
	carryOut(&rep)

	head := w.Header()
	if rep.Type != "" {
		head.Set("Content-Type", rep.Type)
	}
	head.Set("Content-Length", strconv.FormatInt(size(&rep), 10))
	if rep.Allow != "" {
		head.Set("Allow", rep.Allow)
	}
	w.WriteHeader(rep.Status)
	if r.Method == "HEAD" {
		return
	}
	// Errors are the client's going away, which net/http sees for itself.
	w.Write(text(&rep))
	if rep.Fill > 0 {
		io.Copy(w, io.LimitReader(filler{}, rep.Fill))
	}
}

func refuseBody(w http.ResponseWriter, err error) {
	status := http.StatusBadRequest
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		status = http.StatusRequestEntityTooLarge
	}
	http.Error(w, http.StatusText(status), status)
}

// streamFrom is the size of a body from which fasthttp is given it as a stream,
// so that a gigabyte of filler is not made in memory first.
const streamFrom = 64 << 10

// serveFastHTTP answers a request as the app says, through fasthttp, which drops
// the body of a reply to HEAD itself.
func serveFastHTTP(ctx *fasthttp.RequestCtx) {
	req := app.Request{Method: get(string(ctx.Method())), Path: ctx.Path(), Query: ctx.URI().QueryString(), Body: ctx.Request.Body()}
	var rep app.Reply
	routes.Serve(&req, &rep)
	carryOut(&rep)

	ctx.SetStatusCode(rep.Status)
	if rep.Type != "" {
		ctx.SetContentType(rep.Type)
	}
	if rep.Allow != "" {
		ctx.Response.Header.Set("Allow", rep.Allow)
	}
	if rep.Fill >= streamFrom {
		ctx.SetBodyStream(io.MultiReader(bytes.NewReader(text(&rep)), io.LimitReader(filler{}, rep.Fill)), int(size(&rep)))
		return
	}
	ctx.SetBody(text(&rep))
	for n := rep.Fill; n > 0; n -= int64(len(fill)) {
		ctx.Write(fill[:min(n, int64(len(fill)))])
	}
}

// get is the method as the app wants it: HEAD arrives as GET.
func get(method string) string {
	if method == "HEAD" {
		return "GET"
	}
	return method
}

// carryOut does what the app does not: it computes, then waits.
func carryOut(rep *app.Reply) {
	routes.Work(rep)
	if rep.Wait > 0 {
		time.Sleep(rep.Wait)
	}
}

// size is the reply's Content-Length.
func size(rep *app.Reply) int64 { return int64(len(text(rep))) + rep.Fill }

// text is the reply's body without the filler.
func text(rep *app.Reply) []byte { return rep.Text(make([]byte, 0, app.MaxNumber)) }

var fill = bytes.Repeat([]byte{app.FillByte}, 4<<10)

// A filler reads as filler without end.
type filler struct{}

func (filler) Read(p []byte) (n int, err error) {
	for n < len(p) {
		n += copy(p[n:], fill)
	}
	return n, nil
}

package main

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
)

// A reading is what a client says of one run. Both are above zero.
type reading struct {
	requests float64 // answered, and well
	rate     float64 // of them, per second
}

// Lines end with a newline: a report that is cut in a figure gives none.
var (
	wrkRequests = regexp.MustCompile(`(?m)^ *(\d+) requests in `)
	wrkRate     = regexp.MustCompile(`(?m)^Requests/sec: *([\d.]+)\n`)
	wrkFailed   = regexp.MustCompile(`(?m)^ *(Socket errors|Non-2xx|err_|unfinished).*$`)

	h2loadRate     = regexp.MustCompile(`(?m)^finished in [^,]+, ([\d.]+) req/s`)
	h2loadRequests = regexp.MustCompile(`(?m)^requests: .* (\d+) succeeded, `)
	h2loadFailed   = regexp.MustCompile(`(?m)^requests: .*\b[1-9]\d* (failed|errored|timeout).*$|^status codes: .*\b[1-9]\d* [345]xx.*$`)

	heyTotal  = regexp.MustCompile(`(?m)^\s*Total:\s+([\d.]+) secs\n`)
	heyRate   = regexp.MustCompile(`(?m)^\s*Requests/sec:\s+([\d.]+)\n`)
	heyFailed = regexp.MustCompile(`(?m)^Error distribution:\n.*|^\s*\[[1345]\d\d\]\s+\d+ responses$`)
	heyGood   = regexp.MustCompile(`(?m)^\s*\[2\d\d\]\s+\d+ responses$`)

	abRequests = regexp.MustCompile(`(?m)^Complete requests: +(\d+)\n`)
	abRate     = regexp.MustCompile(`(?m)^Requests per second: +([\d.]+) `)
	abFailed   = regexp.MustCompile(`(?m)^(Failed requests: +[1-9]|Non-2xx responses:).*$`)
)

// readWrk reads wrk's report, and loadgen's, which begins in the same way.
func readWrk(text string) (reading, error) { return read(text, wrkRequests, wrkRate, wrkFailed) }

func readH2load(text string) (reading, error) {
	return read(text, h2loadRequests, h2loadRate, h2loadFailed)
}

func readAB(text string) (reading, error) { return read(text, abRequests, abRate, abFailed) }

// readHey takes the number of requests from the rate: hey lists at most a million replies.
func readHey(text string) (reading, error) {
	r, err := read(text, heyTotal, heyRate, heyFailed)
	r.requests *= r.rate // it was the time in seconds
	if err == nil && (!heyGood.MatchString(text) || !(r.requests > 0)) {
		err = errors.New("no request was answered")
	}
	if err != nil {
		return reading{}, err
	}
	return r, nil
}

// read reads a report by its lines. Failed requests make it worthless.
func read(text string, requestsLine, rateLine, failedLine *regexp.Regexp) (reading, error) {
	if bad := failedLine.FindString(text); bad != "" {
		return reading{}, fmt.Errorf("requests failed: %s", bad)
	}
	requests, err := figure(text, requestsLine, "number of requests")
	if err != nil {
		return reading{}, err
	}
	rate, err := figure(text, rateLine, "rate")
	if err != nil {
		return reading{}, err
	}
	return reading{requests, rate}, nil
}

func figure(text string, line *regexp.Regexp, what string) (float64, error) {
	found := line.FindStringSubmatch(text)
	if found == nil {
		return 0, fmt.Errorf("it gives no %s", what)
	}
	v, err := strconv.ParseFloat(found[1], 64)
	if err != nil {
		return 0, fmt.Errorf("its %s: %w", what, err)
	}
	if !(v > 0) {
		return 0, fmt.Errorf("its %s is %s: was anything answered?", what, found[1])
	}
	return v, nil
}

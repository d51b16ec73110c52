package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"modelbench/scripts/rig"
)

// A gauge asks a server of ours how many connections it has. It has a connection for that at the
// server's admin address, which does not count.
type gauge struct {
	url    string
	client http.Client
}

// newGauge returns a gauge; close is due. It connects from where the launcher's children
// do: their network may be another.
func (b *bench) newGauge(server *rig.Running) *gauge {
	dial := func(_ context.Context, network, addr string) (conn net.Conn, err error) {
		err = b.launch.Do(func() error {
			conn, err = net.DialTimeout(network, addr, time.Second)
			return err
		})
		return conn, err
	}
	return &gauge{
		url:    "http://" + server.Addr["admin"].String() + "/stats",
		client: http.Client{Transport: &http.Transport{DialContext: dial}, Timeout: 5 * time.Second},
	}
}

func (g *gauge) close() { g.client.CloseIdleConnections() }

// open is how many connections the server has open now.
func (g *gauge) open(ctx context.Context) (int64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, g.url, nil)
	if err != nil {
		return 0, fmt.Errorf("ask the server: %w", err)
	}
	resp, err := g.client.Do(req)
	if err != nil {
		return 0, fmt.Errorf("ask the server: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("ask the server: it answers %s", resp.Status)
	}
	var page struct {
		Total struct {
			Open int64 `json:"open"`
		} `json:"total"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&page); err != nil {
		return 0, fmt.Errorf("ask the server: %w", err)
	}
	return page.Total.Open, nil
}

// most is the most connections that the server had open while a load ran.
func (g *gauge) most(ctx context.Context, l *load) (most int64, err error) {
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	for {
		select {
		case <-l.Done():
			return most, nil
		case <-ctx.Done():
			return most, context.Cause(ctx)
		case <-tick.C:
		}
		open, err := g.open(ctx)
		if err != nil && !errors.Is(err, context.Canceled) {
			return most, err
		}
		most = max(most, open)
	}
}

package engine

import (
	"context"
	"database/sql"
	"sync/atomic"
	"time"
)

// places bound how many transactions have a connection of a pool that reads share. What is
// read beside a transaction, such as the catalogue, needs a connection of its own: where
// transactions that wait for one lock hold all others, the one that has the lock would wait
// for them.
type places struct {
	free          chan struct{}
	waits, waited atomic.Int64
}

// newPlaces leaves a quarter of the connections to reads.
func newPlaces(connections int) *places {
	return &places{free: make(chan struct{}, max(1, connections-(connections+3)/4))}
}

// take waits for a place until the context ends. What it returns gives the place back.
func (p *places) take(ctx context.Context) (func(), error) {
	select {
	case p.free <- struct{}{}:
		return p.leave, nil
	default:
	}
	start := time.Now()
	p.waits.Add(1)
	defer func() { p.waited.Add(int64(time.Since(start))) }()
	select {
	case p.free <- struct{}{}:
		return p.leave, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *places) leave() { <-p.free }

// addTo counts waiting for a place as what it is: waiting for a connection.
func (p *places) addTo(stats *sql.DBStats) {
	stats.WaitCount += p.waits.Load()
	stats.WaitDuration += time.Duration(p.waited.Load())
}

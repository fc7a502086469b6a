package api

import (
	"context"
	"errors"
	"sync"
	"time"

	"belfry.dev/belfry/api/health"
	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
)

// probeTime bounds the checks of the dependencies.
const probeTime = 2 * time.Second

func (s *Server) registerHealth(core *operation.Core) {
	operation.Table(core, []operation.Row{
		operation.Serve("GET /healthz", "health.live", 200, s.live),
		operation.Serve("GET /readyz", "health.ready", 200, s.ready),
	}, map[string]operation.Operation{
		"health.live": {
			Summary: "Is the process alive?", Public: true, Linked: true,
			Description: "It asks nothing else: it answers while the process can, whatever the state of the database.",
		},
		"health.ready": {
			Summary: "Can the process work?", Public: true, Linked: true,
			Description: "503 names the parts that are missing: database does not answer, or storage takes no writes, as on a full disk. A degraded part leaves the status at 200.",
		},
	})
	health.Register(core, health.Sources{Parts: s.parts, Workers: s.workersOf, Streams: s.hub.Open})
}

// AskWorkers names who knows the processes that work. It must be called before the first
// request, once.
func (s *Server) AskWorkers(ask func(context.Context) ([]health.Worker, error)) { s.workers = ask }

func (s *Server) workersOf(ctx context.Context) ([]health.Worker, error) {
	if s.workers == nil {
		return nil, errors.New("nobody was named who knows the workers")
	}
	return s.workers(ctx)
}

// parts says of each dependency whether it works.
func (s *Server) parts(ctx context.Context) map[string]bool {
	parts := map[string]bool{}
	for _, result := range s.probeAll(ctx) {
		parts[result.Name] = result.err == nil
	}
	return parts
}

type healthOut struct {
	Body struct {
		Status string            `json:"status" enum:"ok,degraded"`
		Parts  map[string]string `json:"parts,omitempty" doc:"ok or failed, by dependency."`
	}
}

func (s *Server) live(context.Context, *operation.Call, *struct{}) (*healthOut, error) {
	out := &healthOut{}
	out.Body.Status = "ok"
	return out, nil
}

func (s *Server) ready(ctx context.Context, _ *operation.Call, _ *struct{}) (*healthOut, error) {
	failed := models.Errorf(models.CodeUnavailable, "A part that is needed does not work.")
	failed.RetryAfter = probeTime
	if s.leaving.Load() {
		failed.Detail = "The process is about to stop."
		failed.Fields = []models.Field{{Pointer: "parts/process", Code: "stopping", Detail: "is about to stop"}}
		return nil, failed
	}
	out := &healthOut{}
	out.Body.Status, out.Body.Parts = "ok", map[string]string{}
	for _, result := range s.probeAll(ctx) {
		if result.err == nil {
			out.Body.Parts[result.Name] = "ok"
			continue
		}
		s.core.Log.WarnContext(ctx, "dependency does not work", "part", result.Name, "error", result.err)
		out.Body.Parts[result.Name], out.Body.Status = "failed", "degraded"
		if result.Required {
			failed.Fields = append(failed.Fields, models.Field{Pointer: "parts/" + result.Name, Code: "failed", Detail: "does not work"})
		}
	}
	if len(failed.Fields) > 0 {
		return nil, failed
	}
	return out, nil
}

// probed is a probe with what it found.
type probed struct {
	operation.Probe
	err error
}

// probeAll asks all dependencies at the same time: a caller of /readyz waits for
// the slowest one only.
func (s *Server) probeAll(ctx context.Context) []probed {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	results := []probed{
		{Probe: operation.Probe{Name: "database", Required: true, Check: s.core.Store.Ping}},
		{Probe: operation.Probe{Name: "storage", Required: true, Check: s.core.Store.Writable}},
	}
	for _, probe := range s.probes {
		results = append(results, probed{Probe: probe})
	}
	var asking sync.WaitGroup
	for i := range results {
		asking.Go(func() { results[i].err = results[i].Check(ctx) })
	}
	asking.Wait()
	return results
}

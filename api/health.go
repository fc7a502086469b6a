package api

import (
	"context"
	"net/http"
	"time"

	"belfry.dev/belfry/models"
)

// probeTime bounds one dependency's check.
const probeTime = 2 * time.Second

func registerHealth(s *server) {
	register(s, operation{
		Action: "health.live", Method: http.MethodGet, Path: "/healthz", Public: true,
		Summary: "Is the process alive?",
	}, s.live)
	register(s, operation{
		Action: "health.ready", Method: http.MethodGet, Path: "/readyz", Public: true,
		Summary: "Can the process work?", Description: "503 names the parts that are missing; a degraded part leaves the status at 200.",
	}, s.ready)
}

type healthOut struct {
	Body struct {
		Status string            `json:"status" enum:"ok,degraded"`
		Parts  map[string]string `json:"parts,omitempty" doc:"ok or failed, by dependency."`
	}
}

func (s *server) live(context.Context, *Call, *struct{}) (*healthOut, error) {
	out := &healthOut{}
	out.Body.Status = "ok"
	return out, nil
}

func (s *server) ready(ctx context.Context, _ *Call, _ *struct{}) (*healthOut, error) {
	out := &healthOut{}
	out.Body.Status, out.Body.Parts = "ok", map[string]string{}
	failed := models.Errorf(models.CodeUnavailable, "A part that is needed does not work.")
	failed.RetryAfter = probeTime
	probes := append([]Probe{{Name: "database", Required: true, Check: s.store.Ping}}, s.probes...)
	for _, probe := range probes {
		err := s.probe(ctx, probe)
		if err == nil {
			out.Body.Parts[probe.Name] = "ok"
			continue
		}
		s.log.Warn("dependency does not work", "part", probe.Name, "error", err)
		out.Body.Parts[probe.Name], out.Body.Status = "failed", "degraded"
		if probe.Required {
			failed.Fields = append(failed.Fields, models.Field{Pointer: "parts/" + probe.Name, Code: "failed", Detail: "does not work"})
		}
	}
	if len(failed.Fields) > 0 {
		return nil, failed
	}
	return out, nil
}

func (s *server) probe(ctx context.Context, p Probe) error {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	return p.Check(ctx)
}

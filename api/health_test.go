package api_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"belfry.dev/belfry/api"
	"belfry.dev/belfry/api/health"
	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/rbac"
)

// probing returns a harness whose server asks the probes, too.
func probing(t *testing.T, probes ...operation.Probe) *harness {
	t.Helper()
	h := newHarness(t)
	guard, err := rbac.New(rbac.Config{Grants: h.store.Roles(), Now: h.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	deps := h.deps(guard)
	deps.Probes = probes
	if h.server, err = api.New(operation.Config{}, deps); err != nil {
		t.Fatal(err)
	}
	return h
}

func finding(err error) func(context.Context) error {
	return func(context.Context) error { return err }
}

func TestReadinessNamesWhatIsDegraded(t *testing.T) {
	t.Parallel()
	h := probing(t, operation.Probe{Name: "temporal", Check: finding(errors.New("refused"))}, operation.Probe{Name: "sink", Check: finding(nil)})
	got := h.as(h.anonymous).get("/readyz").wants(http.StatusOK)
	for part, want := range map[string]string{"database": "ok", "temporal": "failed", "sink": "ok"} {
		if is := got.field("parts", part); is != want {
			t.Errorf("%s is %q, want %q", part, is, want)
		}
	}
	if got.field("status") != "degraded" {
		t.Errorf("status is %q, want degraded", got.field("status"))
	}
}

func TestReadinessNeedsTheDatabase(t *testing.T) {
	t.Parallel()
	h := probing(t, operation.Probe{Name: "temporal", Check: finding(nil)})
	if got := h.as(h.anonymous).get("/readyz").wants(http.StatusOK).field("status"); got != "ok" {
		t.Errorf("status is %q, want ok", got)
	}
	if err := h.store.Close(); err != nil {
		t.Fatal(err)
	}
	h.as(h.anonymous).get("/readyz").wants(http.StatusServiceUnavailable).complains("parts/database", "failed")
	h.as(h.anonymous).get("/healthz").wants(http.StatusOK) // a restart would not help
}

func TestOperatorsSeeWhatWaitsAndWhatIsBroken(t *testing.T) {
	t.Parallel()
	h := newHarness(t).seeded()
	if got := h.as(h.admin).get("/v1/health").wants(http.StatusOK); got.field("workers_known") != "false" || got.field("notifications", "oldest_at") != "" {
		t.Errorf("an idle platform shows %s", got.body)
	}
	h.server.AskWorkers(func(context.Context) ([]health.Worker, error) {
		return []health.Worker{{Identity: "7@host", Version: "v1.2.3", SeenAt: h.clock.Now()}}, nil
	})
	h.as(h.admin).post(announcementsPath, announcement(nil)).wants(202)
	h.suspend(h.a.Account.ID, models.BotDestination("bot_1"))
	h.clock.advance(time.Minute)
	got := h.as(h.admin).get("/v1/health").wants(http.StatusOK)
	for want, path := range map[string][]any{
		"ok": {"parts", "database"}, "7@host": {"workers", 0, "identity"}, "v1.2.3": {"workers", 0, "version"},
		"1": {"notifications", "open", "pending"}, "activity.launch": {"announcements", 0, "type"},
		"bot": {"suspended", 0, "kind"}, "bot_1": {"suspended", 0, "id"},
	} {
		if is := got.field(path...); is != want {
			t.Errorf("%v is %q, want %q", path, is, want)
		}
	}
	if got.field("notifications", "oldest_at") == "" {
		t.Errorf("nothing waits: %s", got.body)
	}
	h.server.AskWorkers(func(context.Context) ([]health.Worker, error) { return nil, errors.New("refused") })
	if got := h.as(h.admin).get("/v1/health").wants(http.StatusOK).field("workers_known"); got != "false" {
		t.Errorf("without Temporal the workers are known: %q", got)
	}
}

func TestWhoIsAboutToStopIsNotReadyButAnswers(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.as(h.anonymous).get("/readyz").wants(http.StatusOK)
	h.server.Leave()
	got := h.as(h.anonymous).get("/readyz").wants(http.StatusServiceUnavailable).complains("parts/process", "stopping")
	if got.header.Get("Connection") != "close" {
		t.Error("the connection stays open: its next request would come to a process that stops")
	}
	h.as(h.anonymous).get("/healthz").wants(http.StatusOK)
	h.as(h.root).get("/v1/me").wants(http.StatusOK)
}

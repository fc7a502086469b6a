package api_test

import (
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/channels/channeltest"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/store/storetest"
)

// reaching is a guard that lets the servers of a test be called.
func reaching(urls ...string) channels.GuardConfig {
	cfg := channels.GuardConfig{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, AllowHTTP: true, Timeout: 5 * time.Second}
	for _, each := range urls {
		u, _ := url.Parse(each)
		port, _ := strconv.Atoi(u.Port())
		cfg.Ports = append(cfg.Ports, port)
	}
	return cfg
}

func smtpProvider(name string) object {
	return object{
		"kind": "smtp", "name": name, "settings": object{"host": "mail.example.com", "from": "no-reply@example.com", "username": "relay"},
		"secrets": object{"password": "canary-password"},
	}
}

func TestProvidersAreConfiguredWithWriteOnlySecrets(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	admin := h.as(h.admin)
	made := admin.post("/v1/providers", smtpProvider("relay")).wants(201)
	path := made.header.Get("Location")
	if made.field("channel") != "email" || made.field("position") != "1" || made.field("secrets_set", 0) != "password" || made.field("health", "state") != "unused" {
		t.Errorf("created %s", made.body)
	}
	read := admin.get(path).wants(200)
	edited := admin.ifMatch(read).patch(path, object{"settings": object{"port": "2525", "username": ""}, "name": "second relay"}).wants(200)
	if edited.field("settings", "port") != "2525" || edited.field("settings", "username") != "" || edited.field("settings", "host") != "mail.example.com" ||
		edited.field("secrets_set", 0) != "password" || edited.field("name") != "second relay" || edited.field("version") != "2" {
		t.Errorf("edited %s", edited.body)
	}
	admin.ifMatch(read).patch(path, object{"enabled": false}).wants(412).problem(models.CodeStale)
	if none := admin.patch(path, object{"secrets": object{"password": ""}}).wants(200); none.field("secrets_set", 0) != "" {
		t.Errorf("the password stays: %s", none.body)
	}
	list := admin.get("/v1/providers").wants(200)
	admin.delete(path).wants(204)
	admin.get(path).wants(404)
	for _, body := range [][]byte{made.body, read.body, edited.body, list.body} {
		if strings.Contains(string(body), "canary") {
			t.Errorf("a secret is shown: %s", body)
		}
	}
	rows := h.detailed(models.Platform)
	if len(rows) != 5 || rows[0].Action != "provider.delete" || rows[4].Action != "provider.create" || rows[4].ObjectName != "relay" {
		t.Errorf("operation log: %+v", rows)
	}
	for _, row := range rows {
		if strings.Contains(string(row.Before)+string(row.After), "canary") {
			t.Errorf("a secret stands in the operation log: %s %s", row.Before, row.After)
		}
	}
	if strings.Contains(h.logs.String(), "canary") {
		t.Error("a secret stands in the logs")
	}
}

func TestProvidersKeepTheirOrder(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	admin := h.as(h.admin)
	for _, name := range []string{"first", "second", "third"} {
		admin.post("/v1/providers", smtpProvider(name)).wants(201)
	}
	list := admin.get("/v1/providers?channel=email").wants(200)
	if got := strings.Join(list.items("name"), " "); got != "first second third" {
		t.Errorf("order %q", got)
	}
	admin.patch("/v1/providers/"+list.items("id")[2], object{"position": 0}).wants(200)
	if got := strings.Join(admin.get("/v1/providers").wants(200).items("name"), " "); got != "third first second" {
		t.Errorf("order %q after moving the third to the front", got)
	}
	if got := admin.get("/v1/providers?channel=sms").wants(200).items("name"); len(got) != 0 {
		t.Errorf("providers of another channel: %v", got)
	}
}

func TestProviderSettingsAreChecked(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	admin := h.as(h.admin)
	post := func(settings, secrets object) *answer {
		return admin.post("/v1/providers", object{"kind": "smtp", "name": "x", "settings": settings, "secrets": secrets})
	}
	post(object{"from": "a@example.com"}, nil).wants(422).complains("#/settings/host", "required")
	post(object{"host": "mail", "from": "nobody"}, nil).wants(422).complains("#/settings/from", "invalid-email")
	post(object{"host": "mail", "from": "a@example.com", "port": "0"}, nil).wants(422).complains("#/settings/port", "out-of-range")
	post(object{"host": "mail", "from": "a@example.com", "hsot": "x"}, nil).wants(422).complains("#/settings/hsot", "unknown-field")
	post(object{"host": "mail", "from": "a@example.com", "password": "x"}, nil).wants(422).complains("#/settings/password", "unknown-field")
	post(object{"host": "mail", "from": "a@example.com", "from_name": "a\r\nBcc: x"}, nil).wants(422).complains("#/settings/from_name", "invalid-characters")
	post(object{"host": "mail", "from": "a@example.com"}, object{"password.former": "[]"}).wants(422).complains("#/secrets/password.former", "unknown-field")
	admin.post("/v1/providers", object{"kind": "pigeon", "name": "x"}).wants(422).complains("#/kind", "unknown-value")
	admin.post("/v1/providers", object{"kind": "sms_http", "name": "x", "settings": object{"url": "https://10.0.0.1/"}}).
		wants(422).complains("#/settings/url", "blocked-address")
	path := post(object{"host": "mail", "from": "a@example.com"}, nil).wants(201).header.Get("Location")
	admin.patch(path, object{"settings": object{"host": ""}}).wants(422).complains("#/settings/host", "required")
}

// CH-2: the test answers with what the provider really says, is recorded, and
// does not run away.
func TestProviderTestShowsTheProvidersAnswer(t *testing.T) {
	t.Parallel()
	server := channeltest.NewSMTP(t, channeltest.SMTPScript{Reply: func(_ int, verb, line string) string {
		if verb == "RCPT" && strings.Contains(line, "gone@") {
			return "550 5.1.1 no such user canary-password"
		}
		return ""
	}})
	h := newHarnessReaching(t, storetest.SQLite(t), reaching())
	admin := h.as(h.admin)
	body := smtpProvider("relay")
	body["settings"] = object{"host": server.Host, "port": server.Port, "tls": "none", "from": "no-reply@example.com"}
	path := admin.post("/v1/providers", body).wants(201).header.Get("Location")
	good := admin.post(path+"/test", object{"to": "Ops@Example.com"}).wants(200)
	if good.field("ok") != "true" || good.field("outcome") != "accepted" || good.field("provider_code") != "250" || good.field("provider_ref") == "" {
		t.Errorf("test: %s", good.body)
	}
	if mails := server.Mails(); len(mails) != 1 || mails[0].To != "ops@example.com" {
		t.Errorf("mails: %+v", mails)
	}
	bad := admin.post(path+"/test", object{"to": "gone@example.com"}).wants(200)
	if bad.field("ok") != "false" || bad.field("outcome") != "permanent" || bad.field("reason") != "recipient_invalid" ||
		bad.field("provider_code") != "550 5.1.1" || strings.Contains(string(bad.body), "canary") {
		t.Errorf("refused test: %s", bad.body)
	}
	admin.post(path+"/test", object{"to": "nobody"}).wants(422).complains("#/to", "invalid-email")
	if rows := h.detailed(models.Platform); rows[0].Action != "provider.test" || rows[1].Action != "provider.test" || !strings.Contains(string(rows[1].After), "550") {
		t.Errorf("operation log: %+v", rows[:2])
	}
	for range 4 {
		admin.post(path+"/test", object{"to": "ops@example.com"}).wants(200)
	}
	limited := admin.post(path+"/test", object{"to": "ops@example.com"}).wants(429).problem(models.CodeRateLimited)
	if limited.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}

func TestRepeatedProviderTestSendsOnce(t *testing.T) {
	t.Parallel()
	server := channeltest.NewSMTP(t, channeltest.SMTPScript{})
	h := newHarnessReaching(t, storetest.SQLite(t), reaching())
	body := smtpProvider("relay")
	body["settings"] = object{"host": server.Host, "port": server.Port, "tls": "none", "from": "no-reply@example.com"}
	path := h.as(h.admin).post("/v1/providers", body).wants(201).header.Get("Location")
	for range 3 {
		h.as(h.admin).key("once").post(path+"/test", object{"to": "ops@example.com"}).wants(200)
	}
	h.as(h.admin).key("once").post(path+"/test", object{"to": "other@example.com"}).wants(422).problem(models.CodeMismatch)
	if n := len(server.Mails()); n != 1 {
		t.Errorf("%d mails, want one", n)
	}
}

// A test over SMS uses the settings as they are stored, at once.
func TestChangedSettingsCountAtOnce(t *testing.T) {
	t.Parallel()
	sink := channeltest.NewSink(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer new-token" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = io.WriteString(w, `{"code":0}`)
	})
	h := newHarnessReaching(t, storetest.SQLite(t), reaching(sink.URL))
	admin := h.as(h.admin)
	path := admin.post("/v1/providers", object{
		"kind": "sms_http", "name": "sms", "settings": object{"url": sink.URL, "auth": "bearer"}, "secrets": object{"password": "old-token"},
	}).wants(201).header.Get("Location")
	if got := admin.post(path+"/test", object{"to": "+8613800138000"}).wants(200); got.field("outcome") != "misconfigured" || got.field("reason") != "auth" {
		t.Errorf("with the old token: %s", got.body)
	}
	admin.patch(path, object{"secrets": object{"password": "new-token"}}).wants(200)
	if got := admin.post(path+"/test", object{"to": "+8613800138000"}).wants(200); got.field("outcome") != "accepted" {
		t.Errorf("with the new token: %s", got.body)
	}
}

func TestRepairedProvidersResume(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	admin := h.as(h.admin)
	path := admin.post("/v1/providers", smtpProvider("relay")).wants(201).header.Get("Location")
	destination := models.ProviderDestination(strings.TrimPrefix(path, "/v1/providers/"))
	for _, repair := range []func(){
		func() { admin.post(path+"/resume", nil).wants(200) },
		func() { admin.patch(path, object{"secrets": object{"password": randomName(t)}}).wants(200) },
	} {
		h.suspend(models.Platform, destination)
		if got := admin.get(path).wants(200); got.field("health", "state") != "suspended" || got.field("health", "reason") != "auth" {
			t.Errorf("suspended: %s", got.body)
		}
		admin.patch(path, object{"name": "renamed"}).wants(200)
		if got := admin.get(path).wants(200); got.field("health", "state") != "suspended" {
			t.Errorf("a new name repaired it: %s", got.body)
		}
		repair()
		if got := admin.get(path).wants(200); got.field("health", "state") == "suspended" || got.field("health", "suspended_at") != "" {
			t.Errorf("after the repair: %s", got.body)
		}
	}
}

// detailed are logged's rows with what they say about before and after.
func (h *harness) detailed(account models.AccountID) []models.Operation {
	h.t.Helper()
	rows := h.logged(account)
	for i := range rows {
		row, err := h.store.In(account).OperationLog().ByID(h.t.Context(), rows[i].Seq)
		if err != nil {
			h.t.Fatal(err)
		}
		rows[i] = row
	}
	return rows
}

// suspend makes the destination one that a worker suspended: by an attempt of a
// notification of account A.
func (h *harness) suspend(owner models.AccountID, destination string) {
	h.t.Helper()
	ctx, account := h.t.Context(), h.a.Account.ID
	var n models.Notification
	h.write(func(tx *store.Tx) error {
		stored, err := tx.Accept(ctx, []models.Acceptance{{Notification: models.Notification{
			AccountID: account, Type: "account.low_balance", TypeVersion: 1, Category: "account", Severity: models.SeverityInfo,
			Source: models.SourcePlatform, Language: models.LocaleEN, ExpiresAt: h.clock.Now().Add(time.Hour),
		}, Inbox: models.Rendered{Title: "title", Body: "text"}}})
		if err == nil {
			n = stored[0]
		}
		return err
	})
	progress, err := h.store.Deliveries().PlanNotification(ctx, account, n.ID, models.Plan{Deliveries: []models.Delivery{
		{Slot: "test:1", Channel: models.ChannelEmail, State: models.DeliveryPending},
	}})
	if err != nil || len(progress.Pending) != 1 {
		h.t.Fatalf("PlanNotification() = %+v, %v", progress, err)
	}
	delivery := progress.Pending[0]
	attempt := models.Attempt{AccountID: account, DeliveryID: delivery.ID, Number: 1}
	if begun, err := h.store.Deliveries().BeginAttempt(ctx, attempt, n.ID); err != nil || !begun {
		h.t.Fatalf("BeginAttempt() = %v, %v", begun, err)
	}
	attempt.Outcome, delivery.Attempts = models.OutcomeMisconfigured, 1
	_, err = h.store.Deliveries().FinishAttempt(ctx, models.AttemptEnd{
		Attempt: attempt, Delivery: delivery,
		Destination: models.DestinationEffect{Destination: destination, AccountID: owner, SuspendFor: "auth"},
	})
	if err != nil {
		h.t.Fatalf("FinishAttempt() = %v", err)
	}
}

func TestChannelsShowWhatCanBeConfigured(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	kinds := func(p person) map[string]bool {
		available := map[string]bool{}
		list := h.as(p).get("/v1/channels").wants(200)
		for i, kind := range list.items("kind") {
			available[kind] = list.items("available")[i] == "true"
		}
		return available
	}
	if got := kinds(h.root); !got["inbox"] || got["smtp"] || got["sms_http"] || got["webhook"] || got["dingtalk"] || len(got) < 8 {
		t.Errorf("nothing configured: %v", got)
	}
	h.as(h.admin).post("/v1/providers", smtpProvider("relay")).wants(201)
	if got := kinds(h.reader); !got["smtp"] || got["webhook"] {
		t.Errorf("e-mail configured: %v", got)
	}
	list := h.as(h.reader).get("/v1/channels").wants(200)
	at := slices.Index(list.items("kind"), "dingtalk")
	if guide := list.field("items", at, "guide", "zh-CN", 0); !strings.Contains(guide, "钉钉") {
		t.Errorf("the first step of the guide is %q", guide)
	}
	own, operators := h.as(h.root).get("/v1/channels"), h.as(h.admin).get("/v1/channels")
	if strings.Contains(string(own.body), `"password"`) || !strings.Contains(string(operators.body), `"password"`) {
		t.Error("fields of providers are the operators' matter")
	}
}

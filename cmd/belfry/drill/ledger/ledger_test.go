package ledger_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/cmd/belfry/drill/ledger"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// sound are books of one notification, delivered over e-mail at the second attempt,
// that keep every promise.
func sound() ledger.Books {
	end := noon.Add(time.Second)
	return ledger.Books{
		Submissions: []ledger.Submission{{Key: "k1", Account: "acc_1", IDs: []string{"ntf_1", "ntf_1"}}},
		Reports: []ledger.Report{{
			ID: "ntf_1", AccountID: "acc_1", Status: "delivered", Source: "product", Key: "k1",
			ExpiresAt: noon.Add(time.Hour), FinishedAt: &end,
			Counts: map[string]int{"delivered": 2, "suppressed": 1},
			Deliveries: []ledger.Delivery{
				{ID: "dlv_0", Channel: "inbox", State: "delivered"},
				{ID: "dlv_1", Channel: "email", State: "delivered", Attempts: []ledger.Attempt{
					{Number: 1, StartedAt: noon, Outcome: "unknown"}, {Number: 2, StartedAt: noon, Outcome: "accepted"},
				}},
				{ID: "dlv_2", Channel: "sms", State: "suppressed", Reason: "no_address"},
			},
		}},
		Copies: []ledger.Copy{
			{Channel: "email", Key: "dlv_1", Account: "acc_1"}, {Channel: "email", Key: "dlv_1", Account: "acc_1"},
		},
		Inboxes: map[string]int{"ntf_1": 1},
	}
}

func TestSoundBooksKeepEveryPromise(t *testing.T) {
	t.Parallel()
	sum := ledger.Close(sound())
	require.Empty(t, sum.Broken)
	require.Equal(t, 1, sum.Accepted)
	require.Equal(t, map[string]int{"delivered": 1}, sum.Statuses)
	require.Equal(t, ledger.Count{Delivered: 1, Copies: 2, Repeats: 1, Unknown: 1}, *sum.Channels["email"])
	require.Equal(t, ledger.Count{Delivered: 2, Suppressed: 1, Copies: 3, Repeats: 1, Unknown: 1}, sum.All())
}

// TestEveryBrokenPromiseIsNamed breaks the books in one place each.
func TestEveryBrokenPromiseIsNamed(t *testing.T) {
	t.Parallel()
	report := func(b *ledger.Books) *ledger.Report { return &b.Reports[0] }
	mail := func(b *ledger.Books) *ledger.Delivery { return &b.Reports[0].Deliveries[1] }
	for name, c := range map[string]struct {
		promise string
		change  func(*ledger.Books)
	}{
		"counts that do not add up":         {"P1", func(b *ledger.Books) { report(b).Counts["delivered"] = 1 }},
		"a state that nobody knows":         {"P1", func(b *ledger.Books) { mail(b).State, report(b).Counts["delivered"] = "gone", 1 }},
		"a status beside its deliveries":    {"P1", func(b *ledger.Books) { report(b).Status = "failed" }},
		"a delivery of two notifications":   {"P2", func(b *ledger.Books) { b.Reports = append(b.Reports, twin(b, "ntf_2", "k2")) }},
		"another account's notification":    {"P2", func(b *ledger.Books) { report(b).AccountID = "acc_2" }},
		"another account's mailbox":         {"P2", func(b *ledger.Books) { b.Copies[0].Account = "acc_2" }},
		"an attempt that was left out":      {"P3", func(b *ledger.Books) { mail(b).Attempts[1].Number = 3 }},
		"an attempt that never ended":       {"P3", func(b *ledger.Books) { mail(b).Attempts[0].Outcome = "" }},
		"an attempt after the time to live": {"P3", func(b *ledger.Books) { mail(b).Attempts[1].StartedAt = noon.Add(2 * time.Hour) }},
		"an end that was taken back": {"P3", func(b *ledger.Books) {
			b.Earlier = before(func(d *ledger.Delivery) { d.State, d.Reason = "failed", "x" })
		}},
		"an outcome that was changed": {"P3", func(b *ledger.Books) {
			b.Earlier = before(func(d *ledger.Delivery) { d.Attempts[0].Outcome = "retry" })
		}},
		"an attempt that disappeared":      {"P3", func(b *ledger.Books) { mail(b).Attempts = nil; b.Copies = b.Copies[:1]; b.Earlier = sound().Reports }},
		"a notification that is not there": {"P4", func(b *ledger.Books) { b.Reports, b.Copies, b.Inboxes = nil, nil, nil }},
		"a notification that disappeared":  {"P4", func(b *ledger.Books) { b.Earlier = []ledger.Report{{ID: "ntf_9"}} }},
		"a notification of nobody":         {"P4", func(b *ledger.Books) { b.Submissions = nil }},
		"a message of nobody":              {"P4", func(b *ledger.Books) { b.Copies = append(b.Copies, ledger.Copy{Channel: "sms", Key: "dlv_9"}) }},
		"a key with two answers":           {"P5", func(b *ledger.Books) { b.Submissions[0].IDs[1] = "ntf_2" }},
		"a key with two notifications":     {"P5", func(b *ledger.Books) { b.Reports = append(b.Reports, twin(b, "ntf_2", "k1")) }},
		"two keys with one notification": {"P5", func(b *ledger.Books) {
			b.Submissions = append(b.Submissions, ledger.Submission{Key: "k2", Account: "acc_1", IDs: []string{"ntf_1"}})
		}},
		"delivered to nobody":                {"P6", func(b *ledger.Books) { b.Copies = nil }},
		"a copy that nothing explains":       {"P6", func(b *ledger.Books) { mail(b).Attempts[0].Outcome = "retry" }},
		"a suppressed message that went out": {"P6", func(b *ledger.Books) { b.Copies = append(b.Copies, ledger.Copy{Channel: "sms", Key: "dlv_2"}) }},
		"an inbox without the message":       {"P6", func(b *ledger.Books) { b.Inboxes = map[string]int{} }},
		"an inbox with it twice":             {"P6", func(b *ledger.Books) { b.Inboxes["ntf_1"] = 2 }},
		"something that never ends":          {"quiet", func(b *ledger.Books) { report(b).FinishedAt = nil }},
		"a failure without a reason":         {"quiet", func(b *ledger.Books) { report(b).Deliveries[2].Reason = "" }},
		"a failure of Belfry's own":          {"quiet", func(b *ledger.Books) { report(b).Deliveries[2].Reason = "internal" }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := sound()
			c.change(&b)
			sum := ledger.Close(b)
			require.False(t, sum.Sound())
			var names []string
			for _, breach := range sum.Broken {
				names = append(names, breach.Promise)
			}
			require.Contains(t, names, c.promise, "%v", sum.Broken)
			var text strings.Builder
			require.NoError(t, sum.Print(&text))
			require.Regexp(t, `(?m)^`+c.promise+` .*BROKEN`, text.String())
		})
	}
}

// twin is the books' notification under another id and key.
func twin(b *ledger.Books, id, key string) ledger.Report {
	r := b.Reports[0]
	r.ID, r.Key = id, key
	return r
}

// before is the notification as it was seen earlier, with the mail changed.
func before(change func(*ledger.Delivery)) []ledger.Report {
	reports := sound().Reports
	change(&reports[0].Deliveries[1])
	return reports
}

func TestWhatIsNotComparedBreaksNothing(t *testing.T) {
	t.Parallel()
	b := sound()
	b.Copies, b.Inboxes, b.Blind = nil, nil, true
	sum := ledger.Close(b)
	require.Empty(t, sum.Broken)
	b.Submissions = append(b.Submissions, ledger.Submission{Key: "k2", Account: "acc_1"})
	sum = ledger.Close(b)
	require.Empty(t, sum.Broken, "nobody was promised anything")
	require.Equal(t, 1, sum.Unanswered)
}

func TestTheLogCountsEachKeyOnce(t *testing.T) {
	t.Parallel()
	log := ledger.NewLog()
	log.Sent("k1", "acc_1", noon)
	log.Sent("k2", "acc_1", noon)
	require.Equal(t, 1, log.Answered("k1", "ntf_1", noon))
	require.Equal(t, 1, log.Answered("k1", "ntf_1", noon.Add(time.Second)))
	require.Equal(t, 1, log.Accepted())
	for _, s := range log.Submissions() {
		if s.Key == "k1" {
			require.Equal(t, []string{"ntf_1", "ntf_1"}, s.IDs)
			require.Equal(t, noon, s.AcceptedAt)
		}
	}
	require.Len(t, log.Submissions(), 2)
}

func TestTheLedgerIsPrintedForPeople(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	require.NoError(t, ledger.Close(sound()).Print(&text))
	require.Equal(t, `accepted 1 notifications, lost 0
  delivered 1

                   deliveries  email  inbox  sms  all
                    delivered      1      1    0    2
                       failed      0      0    0    0
                   suppressed      0      0    1    1
                    cancelled      0      0    0    0
                      pending      0      0    0    0
                         lost      0      0    0    0
                       copies      2      1    0    3
             beyond the first      1      0    0    1
  attempts of unknown outcome      1      0    0    1

P1     accepted = delivered + failed + cancelled + suppressed + pending: holds
P2     a delivery belongs to one notification, and is sent to its own account: holds
P3     what has ended stays ended, and attempts are numbered in order: holds
P4     what was acknowledged exists, and what exists was submitted: holds
P5     one key, one notification: holds
P6     delivered means received; further copies only after attempts of unknown outcome: holds
quiet  everything ends, with a reason: holds
`, text.String())
}

func TestAGlanceCountsAndGivesNoVerdict(t *testing.T) {
	t.Parallel()
	b := sound()
	b.Reports, b.Inboxes = nil, nil
	b.Submissions = append(b.Submissions, ledger.Submission{Key: "k2"})
	glance := ledger.Glance(b)
	require.Equal(t, ledger.Ledger{
		Accepted: 1, Unanswered: 1, Channels: map[string]*ledger.Count{"email": {Copies: 2, Repeats: 1}},
	}, glance)
	var out strings.Builder
	require.NoError(t, glance.PrintGlance(&out))
	require.Equal(t, "accepted 1 notifications; 1 submissions were not answered\nemail: 2 copies, 1 beyond the first of their delivery\n", out.String())
	require.NotContains(t, out.String(), "holds")

	b.Submissions[0].IDs = []string{"ntf_1", "ntf_2"}
	out.Reset()
	require.NoError(t, ledger.Glance(b).PrintGlance(&out))
	require.Contains(t, out.String(), "one key, one notification: BROKEN 1 times")
}

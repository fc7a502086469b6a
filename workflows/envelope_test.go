package workflows_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/internal/world"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/schedule"
	"belfry.dev/belfry/store"
)

// day is a watch at the moment when three rungs of its account are due: 1, 7 and 30 days
// before the expiry of "vm", "db" and "disk". told are their notifications, the most urgent first.
type day struct {
	*watch
	told []models.Notification
}

func newDay(t *testing.T, prepare func(*watch)) *day {
	t.Helper()
	s := newWatch(t, "Asia/Shanghai", "2026-03-01 12:00:00")
	s.AddProvider(models.ChannelEmail, "mail")
	s.AddProvider(models.ChannelSMS, "sms")
	s.AddProvider(models.ChannelWebhook, "hooks")
	s.AddPhone()
	s.AddBot("ops")
	if prepare != nil {
		prepare(s)
	}
	noon := s.Now()
	in := func(days int) schedule.Wish {
		return schedule.Wish{Expires: noon.Add(time.Duration(days) * 24 * time.Hour)}
	}
	vm := s.register("vm", in(41))
	ids := []string{s.register("disk", in(70)), vm, s.register("db", in(47))}
	rungs := s.rungs(vm)
	s.SetClock(func() time.Time { return rungs[4].At })
	d := &day{watch: s}
	for range 2 { // the rungs before were missed: the newest is told of
		s.twoWorkers(ids)
	}
	rows, _, err := s.Store.In(s.Account).Notifications().List(t.Context(), store.NotificationFilter{}, store.Page{})
	require.NoError(t, err)
	for _, key := range []string{"product.expiry_1", "product.expiry_7", "product.expiry_30"} {
		for _, n := range rows {
			if n.Type == key {
				d.told = append(d.told, n)
			}
		}
	}
	require.Len(t, d.told, 3)
	require.Len(t, rows, 3)
	return d
}

// end runs the workflow of each notification, in the order given, to its end.
func (d *day) end(order ...int) {
	d.t.Helper()
	for _, i := range order {
		d.id = d.told[i].ID
		assert.Equal(d.t, models.StatusDelivered, d.run(), d.told[i].Type)
	}
}

// plan chooses the recipients, as the first workflow that starts does.
func (d *day) plan(i int) activities.Progress {
	d.t.Helper()
	s, err := d.Activities(d.cfg).Plan(context.WithoutCancel(d.t.Context()), activities.NotificationRef{AccountID: d.Account, NotificationID: d.told[i].ID})
	require.NoError(d.t, err)
	return s
}

func (d *day) attempt(id string) activities.AttemptResult {
	d.t.Helper()
	r, err := d.Activities(d.cfg).Attempt(context.WithoutCancel(d.t.Context()), activities.AttemptInput{AccountID: d.Account, DeliveryID: id})
	require.NoError(d.t, err)
	return r
}

// body is the text of a message in the owner's inbox.
func (d *day) body(owner, id string) string {
	d.t.Helper()
	m, err := d.Store.In(d.Account).Inbox(owner).Message(context.WithoutCancel(d.t.Context()), id)
	require.NoError(d.t, err)
	return m.Body
}

// TestRungsOfOneDayAreOneMessageToEach, whichever workflow is first.
func TestRungsOfOneDayAreOneMessageToEach(t *testing.T) {
	t.Parallel()
	for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}} {
		d := newDay(t, nil)
		if order[1] == 2 {
			d.plan(2) // a less urgent one was the first to look
		}
		d.end(order...)
		for _, channel := range []models.Channel{models.ChannelEmail, models.ChannelSMS, models.ChannelWebhook} {
			require.Len(t, d.Sink.Calls(channel), 1, channel)
		}
		mail := d.Sink.Calls(models.ChannelEmail)[0].Message
		assert.Contains(t, mail.Rendered.Subject, "vm")
		assert.Contains(t, mail.Rendered.Subject, "· 2 more below")
		assert.False(t, mail.Optional)
		assert.Empty(t, mail.Unsubscribe, "a floor is in it")
		for _, name := range []string{"vm", "db", "disk"} {
			assert.Contains(t, mail.Rendered.Text, "Resource: "+name)
			assert.Contains(t, mail.Rendered.HTML, ">"+name+"<")
		}
		sms := d.Sink.Calls(models.ChannelSMS)[0].Message
		assert.Contains(t, sms.Rendered.Short, "vm expires")
		assert.Contains(t, sms.Rendered.Short, "db expires")
		assert.NotContains(t, sms.Rendered.Short, "disk", "30 days before, SMS is not ticked")
		hook := d.Sink.Calls(models.ChannelWebhook)[0].Message
		require.Len(t, hook.Merged, 2)
		assert.Equal(t, d.told[1].ID, hook.Merged[0].NotificationID)
		assert.Equal(t, "disk", hook.Merged[1].Data["resource_name"])

		page, _, err := d.Store.In(d.Account).Inbox("").Messages(t.Context(), models.InboxFilter{}, store.Page{})
		require.NoError(t, err)
		require.Len(t, page, 1, "the inbox has one, too")
		assert.Contains(t, d.body("", page[0].ID), "Resource: disk")
		assert.Equal(t, "/console/resources?account=acme", page[0].Link)
		for i, n := range d.told {
			r := d.Report(n.ID)
			assert.Equal(t, models.StatusDelivered, r.Notification.Status)
			assert.Equal(t, page[0].ID, r.MessageID)
			assert.Len(t, r.Notification.Others(), 2)
			mail, attempts := d.Delivery(n.ID, models.ChannelEmail)
			assert.Equal(t, models.DeliveryDelivered, mail.State)
			require.Len(t, attempts, 1, "the report shows the attempt that told it")
			assert.Equal(t, i > 0, mail.EnvelopeID != "")
		}
	}
}

func TestPersonalInboxesGetOneMessageToo(t *testing.T) {
	t.Parallel()
	var owner string
	d := newDay(t, func(s *watch) {
		c := s.AddContact("Ann", models.Address{Channel: models.ChannelEmail, Value: "ann@acme.example", ValueKey: "ann@acme.example", State: models.AddressVerified})
		s.Write(func(ctx context.Context, tx *store.Tx) error {
			u := models.User{AccountID: s.Account, Name: "ann", Kind: models.UserSub}
			if err := tx.In(s.Account).Users().Create(ctx, &u); err != nil {
				return err
			}
			owner = u.ID
			_, _, err := tx.In(s.Account).Contacts().Update(ctx, c.ID, 0, func(c *models.Contact) error { c.UserID = u.ID; c.Language = models.LocaleZH; return nil })
			return err
		})
		for _, key := range []string{"product.expiry_1", "product.expiry_30"} {
			s.Choose(key, func(choice *models.Choice) { choice.Kind, choice.Targets = models.TargetContacts, []string{c.ID} })
		}
	})
	d.plan(1)
	page, _, err := d.Store.In(d.Account).Inbox(owner).Messages(t.Context(), models.InboxFilter{}, store.Page{})
	require.NoError(t, err)
	require.Len(t, page, 1)
	assert.Equal(t, d.told[0].ID, page[0].NotificationID)
	assert.Contains(t, page[0].Title, "另有 1 条见正文")
	assert.Contains(t, d.body(owner, page[0].ID), "disk")
	assert.NotContains(t, d.body(owner, page[0].ID), "db", "of the 7 days, the account contact hears")
}

func TestARowForEachResourceIsStillOneMailForAll(t *testing.T) {
	t.Parallel()
	d := newDay(t, func(s *watch) {
		s.Write(func(ctx context.Context, tx *store.Tx) error {
			_, _, err := tx.In(s.Account).Account().Update(ctx, 0, func(a *models.Account) error { a.InboxPerResource = true; return nil })
			return err
		})
	})
	d.end(0, 1, 2)
	require.Len(t, d.Sink.Calls(models.ChannelEmail), 1)
	assert.Equal(t, "https://belfry.example/console/resources?account=acme", d.Sink.Calls(models.ChannelEmail)[0].Message.Rendered.Link)
	page, _, err := d.Store.In(d.Account).Inbox("").Messages(t.Context(), models.InboxFilter{}, store.Page{})
	require.NoError(t, err)
	require.Len(t, page, 3)
	for _, m := range page {
		assert.True(t, strings.HasPrefix(m.Link, "/console/resources/rsc_"), m.Link)
		assert.Equal(t, m.ID, d.Report(m.NotificationID).MessageID)
	}
}

func TestWhatFailsForOneFailsForAllAndIsSentAgainByEach(t *testing.T) {
	t.Parallel()
	d := newDay(t, nil)
	d.Sink.Answer(world.Always(models.ChannelEmail, world.Fail(channels.Permanent, "content_rejected")))
	for i := range d.told {
		d.id = d.told[i].ID
		d.run()
	}
	require.Len(t, d.Sink.Calls(models.ChannelEmail), 1, "one attempt for all")
	for _, n := range d.told {
		mail, _ := d.Delivery(n.ID, models.ChannelEmail)
		assert.Equal(t, models.DeliveryFailed, mail.State)
		assert.Equal(t, "content_rejected", mail.Reason)
	}
	d.Sink.Answer(world.Script(""))
	d.Write(func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.In(d.Account).Notifications().Resend(ctx, d.told[1].ID)
		return err
	})
	d.id = d.told[1].ID
	assert.Equal(t, models.StatusDelivered, d.run())
	calls := d.Sink.Calls(models.ChannelEmail)
	require.Len(t, calls, 2)
	assert.NotContains(t, calls[1].Message.Rendered.Subject, "more below")
	assert.Contains(t, calls[1].Message.Rendered.Subject, "db")
}

func TestARetryTellsOfThoseThatAreStillMeant(t *testing.T) {
	t.Parallel()
	d := newDay(t, nil)
	d.Sink.Answer(world.Script(models.ChannelEmail, world.Fail(channels.Retry, "unavailable")))
	d.plan(0)
	mail, _ := d.Delivery(d.told[0].ID, models.ChannelEmail)
	d.attempt(mail.ID)
	d.Cancel(d.told[1].ID)
	d.Advance(time.Minute)
	require.True(t, d.attempt(mail.ID).Done)
	calls := d.Sink.Calls(models.ChannelEmail)
	require.Len(t, calls, 2)
	assert.Contains(t, calls[0].Message.Rendered.Text, "db")
	assert.NotContains(t, calls[1].Message.Rendered.Text, "db", "cancelled meanwhile")
	assert.Contains(t, calls[1].Message.Rendered.Text, "disk")
	cancelled, attempts := d.Delivery(d.told[1].ID, models.ChannelEmail)
	assert.Equal(t, models.DeliveryCancelled, cancelled.State)
	assert.Len(t, attempts, 1, "the record has the one that told it")
}

func TestTheOthersAreSentAlthoughTheOneThatCarriesThemIsCancelled(t *testing.T) {
	t.Parallel()
	d := newDay(t, nil)
	progress := d.plan(1)
	assert.Empty(t, progress.Open, "another carries all of it")
	assert.Equal(t, d.told[1].ExpiresAt.UTC(), progress.DueAt.UTC())
	d.Cancel(d.told[0].ID)
	d.end(1, 2)
	require.Len(t, d.Sink.Calls(models.ChannelEmail), 2, "each by itself")
	for _, c := range d.Sink.Calls(models.ChannelEmail) {
		assert.NotContains(t, c.Message.Rendered.Text, "vm")
	}
}

func TestACancellationDuringTheCallComesTooLate(t *testing.T) {
	t.Parallel()
	d := newDay(t, nil)
	d.plan(0)
	d.Sink.Answer(func(_ context.Context, c world.Call) *channels.Error {
		if c.Channel == models.ChannelEmail {
			d.Cancel(d.told[1].ID)
		}
		return nil
	})
	mail, _ := d.Delivery(d.told[0].ID, models.ChannelEmail)
	require.True(t, d.attempt(mail.ID).Done)
	d.plan(1)
	carried, _ := d.Delivery(d.told[1].ID, models.ChannelEmail)
	assert.Equal(t, models.DeliveryDelivered, carried.State, "it was told; the record says so")
	sms, _ := d.Delivery(d.told[1].ID, models.ChannelSMS)
	assert.Equal(t, models.DeliveryCancelled, sms.State)
}

func TestWhoUnsubscribedMeanwhileIsNotTold(t *testing.T) {
	t.Parallel()
	d := newDay(t, func(w *watch) {
		w.Write(func(ctx context.Context, tx *store.Tx) error {
			_, _, err := tx.Platform().MessageTypes().Update(ctx, "product.expiry_30", 0, "", func(t *models.MessageType) error {
				t.Optional = true
				return nil
			})
			return err
		})
	})
	d.plan(0)
	disk, _ := d.Delivery(d.told[2].ID, models.ChannelEmail)
	d.Write(func(ctx context.Context, tx *store.Tx) error {
		return tx.In(d.Account).OptOuts().Add(ctx, disk.AddressKey, "product.expiry_30")
	})
	d.end(0, 1, 2)
	calls := d.Sink.Calls(models.ChannelEmail)
	require.Len(t, calls, 1)
	assert.NotContains(t, calls[0].Message.Rendered.Text, "disk")
	disk, _ = d.Delivery(d.told[2].ID, models.ChannelEmail)
	assert.Equal(t, models.DeliverySuppressed, disk.State)
	assert.Equal(t, models.ReasonUnsubscribed, disk.Reason)
}

// TestTheForgottenCarrierIsNotWaitedForForever: what is carried ends with its own time.
func TestTheForgottenCarrierIsNotWaitedForForever(t *testing.T) {
	t.Parallel()
	d := newDay(t, nil)
	d.Sink.Answer(world.Always(models.ChannelEmail, world.Wait(time.Hour)))
	d.plan(0)
	d.id = d.told[2].ID
	d.run()
	mail, _ := d.Delivery(d.told[2].ID, models.ChannelEmail)
	assert.Equal(t, models.DeliverySuppressed, mail.State)
	assert.Equal(t, models.ReasonExpired, mail.Reason)
}

package workflows_test

import (
	"context"
	"errors"
	"log/slog"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	sdk "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"belfry.dev/belfry/activities"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/internal/world"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
	"belfry.dev/belfry/worker"
	"belfry.dev/belfry/workflows"
)

// invitation is the life of one invitation on virtual time. Executions follow each
// other; what the test says happens at its instant, in whichever that is.
type invitation struct {
	*world.World
	t     *testing.T
	env   *testsuite.TestWorkflowEnvironment
	who   world.Invitee
	begun time.Time
	cfg   activities.Config
	later []event
	// runs counts executions.
	runs int
}

type event struct {
	at time.Time
	do func()
}

func newInvitation(t *testing.T, channel models.Channel, key string) *invitation {
	t.Helper()
	w := world.New(t)
	w.AddProvider(channel, "first")
	return &invitation{World: w, t: t, who: w.Invite(channel, key), begun: w.Now(), cfg: world.Config()}
}

// at does something when the time has passed since the contact was made, and has
// the messages that are open delivered a second after.
func (v *invitation) at(after time.Duration, do func()) {
	v.later = append(v.later, event{v.begun.Add(after), do})
}

func (v *invitation) signal() { v.env.SignalWorkflow("wake", nil) }

// open prepares an execution.
func (v *invitation) open() {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	v.env = suite.NewTestWorkflowEnvironment()
	v.env.SetStartTime(v.Now())
	v.env.SetTestTimeout(time.Minute)
	v.env.SetWorkerOptions(sdk.Options{DeadlockDetectionTimeout: time.Minute})
	worker.Register(v.env, workflows.Policies{}, v.Activities(v.cfg))
	start := v.Now()
	v.SetClock(func() time.Time { return v.env.Now() })
	for _, e := range v.later {
		if left := e.at.Sub(start); left > 0 {
			v.env.RegisterDelayedCallback(e.do, left)
		}
	}
}

// run runs executions until one ends for good.
func (v *invitation) run() {
	v.t.Helper()
	for v.runs = 1; ; v.runs++ {
		require.Less(v.t, v.runs, 20, "it never ends")
		v.open()
		_, i := v.who.Newest()
		v.env.ExecuteWorkflow("Invitation", workflows.EntityInput{AccountID: v.Account, ID: i.ID})
		require.True(v.t, v.env.IsWorkflowCompleted())
		err := v.env.GetWorkflowError()
		at := v.env.Now()
		v.SetClock(func() time.Time { return at })
		if again := (*workflow.ContinueAsNewError)(nil); errors.As(err, &again) {
			continue
		}
		require.NoError(v.t, err)
		return
	}
}

// delivering delivers what is open, every few hours of the four days that an
// invitation can last, and soon after its messages.
func (v *invitation) delivering() {
	for hour := range 100 {
		v.at(time.Duration(hour)*time.Hour+time.Second, func() { v.Deliver(v.Activities(v.cfg)) })
	}
}

// sent are the messages that the address got.
func (v *invitation) sent() []world.Call { return v.Sink.Calls(v.who.Address.Channel) }

func token(c world.Call) string { return path.Base(c.Message.Rendered.Link) }

func (v *invitation) ended(address models.AddressState, state models.InvitationState) {
	v.t.Helper()
	a, i := v.who.Newest()
	assert.Equal(v.t, address, a.State)
	assert.Equal(v.t, state, i.State)
	assert.Nil(v.t, i.NextAt, "nothing is left to do")
	assert.NotNil(v.t, i.EndedAt)
}

// told are the messages in the account's inbox.
func (v *invitation) told() []models.Message {
	v.t.Helper()
	rows, _, err := v.Store.In(v.Account).Inbox("").Messages(context.WithoutCancel(v.t.Context()), models.InboxFilter{}, store.Page{Limit: 100})
	require.NoError(v.t, err)
	for n := range rows { // a list is without bodies
		rows[n], err = v.Store.In(v.Account).Inbox("").Message(context.WithoutCancel(v.t.Context()), rows[n].ID)
		require.NoError(v.t, err)
	}
	return rows
}

func TestAnInvitationIsConfirmedByItsLink(t *testing.T) {
	t.Parallel()
	v := newInvitation(t, models.ChannelEmail, "ada@acme.example")
	v.delivering()
	v.at(time.Hour, func() {
		require.Len(t, v.sent(), 1)
		message := v.sent()[0].Message
		assert.Equal(t, "ada@acme.example", message.To)
		assert.Contains(t, message.Rendered.Text, message.Data["code"])
		assert.Contains(t, message.Rendered.Text, "https://belfry.example/verify/"+token(v.sent()[0]))
		assert.Empty(t, message.Unsubscribe)
		assert.NotContains(t, message.Rendered.Text+message.Rendered.HTML, "Ada", "no text of the requester's")
		require.NoError(t, v.Prove(token(v.sent()[0])))
		v.signal()
	})
	v.run()
	v.ended(models.AddressVerified, models.InvitationConfirmed)
	assert.Equal(t, v.begun.Add(time.Hour), v.Now().UTC(), "the workflow ends at once")
	assert.Len(t, v.sent(), 1, "nobody is reminded")
	assert.Empty(t, v.told(), "the invitation stands in no inbox")
}

func TestAnInvitationIsConfirmedByItsCode(t *testing.T) {
	t.Parallel()
	v := newInvitation(t, models.ChannelSMS, "+8613800138000")
	v.delivering()
	v.at(4*time.Minute, func() {
		require.Len(t, v.sent(), 1)
		message := v.sent()[0].Message
		assert.Contains(t, message.Rendered.Short, message.Data["code"])
		assert.NotContains(t, message.Rendered.Short, "https://", "a text message has the code only")
		require.NoError(t, v.who.Guess(message.Data["code"]))
		v.signal()
	})
	v.run()
	v.ended(models.AddressVerified, models.InvitationConfirmed)
}

func TestAResentInvitationHasAnotherLinkAndItsOwnTime(t *testing.T) {
	t.Parallel()
	v := newInvitation(t, models.ChannelEmail, "ada@acme.example")
	v.delivering()
	v.at(30*time.Hour, func() {
		require.NoError(t, v.who.Resend())
		v.signal()
	})
	v.at(101*time.Hour, func() {
		calls := v.sent()
		first, second := calls[0], calls[2]
		assert.NotEqual(t, token(first), token(second))
		assert.Equal(t, models.CodeExpired, models.CodeOf(v.Prove(token(first))), "replaced")
		require.NoError(t, v.Prove(token(second)), "its 72 hours count from the resend")
		v.signal()
	})
	v.run()
	v.ended(models.AddressVerified, models.InvitationConfirmed)
	require.Len(t, v.sent(), 5, "first, reminder, resent, and two reminders of that")
}

func TestRemindersThenExpiryThenTheAccountIsTold(t *testing.T) {
	t.Parallel()
	v := newInvitation(t, models.ChannelEmail, "ada@acme.example")
	v.delivering()
	v.run()
	v.ended(models.AddressExpired, models.InvitationExpired)
	calls := v.sent()
	require.Len(t, calls, 3)
	for n, hours := range []int{0, 24, 48} {
		assert.WithinDuration(t, v.begun.Add(time.Duration(hours)*time.Hour), calls[n].At, 2*time.Second)
		assert.Equal(t, token(calls[0]), token(calls[n]), "the link stays")
	}
	codes := []string{calls[0].Message.Data["code"], calls[1].Message.Data["code"], calls[2].Message.Data["code"]}
	assert.Len(t, slices.Compact(slices.Sorted(slices.Values(codes))), 3, "each code is new: they live for minutes")
	assert.Equal(t, v.begun.Add(72*time.Hour), v.Now().UTC())
	assert.Equal(t, 3, v.runs, "each reminder ends an execution")
	told := v.told()
	require.Len(t, told, 1)
	assert.Equal(t, "account.contact_unverified", told[0].Type)
	assert.Contains(t, told[0].Body, "Ada: a…@acme.example", "bots hear of it, too")
	assert.Equal(t, models.CodeExpired, models.CodeOf(v.Prove(token(calls[0]))))
}

func TestManyThatExpireTogetherAreOneMessage(t *testing.T) {
	t.Parallel()
	v := newInvitation(t, models.ChannelEmail, "ada@acme.example")
	second := v.Invite(models.ChannelEmail, "bob@acme.example")
	_, i := second.Newest()
	a := v.Activities(v.cfg)
	v.at(20*time.Second, func() { // its own workflow begins a little later
		_, err := a.StepInvitation(context.WithoutCancel(t.Context()), activities.EntityRef{AccountID: v.Account, ID: i.ID})
		require.NoError(t, err)
	})
	v.begun = v.begun.Add(-time.Second)
	v.World.Advance(5 * time.Second) // not at a full minute
	v.run()
	told := v.told()
	require.Len(t, told, 1)
	assert.Contains(t, told[0].Body, "Ada: a…@acme.example")
	assert.Contains(t, told[0].Body, "Ada: b…@acme.example")
	s, err := a.StepInvitation(context.WithoutCancel(t.Context()), activities.EntityRef{AccountID: v.Account, ID: i.ID})
	require.NoError(t, err)
	assert.True(t, s.Done)
}

func TestADeletedOrChangedAddressEndsItsInvitation(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(*models.Contact){
		"deleted": func(c *models.Contact) { c.Addresses = c.Addresses[:1] },
		"changed": func(c *models.Contact) {
			c.Addresses[1].Value, c.Addresses[1].ValueKey, c.Addresses[1].State = "new@acme.example", "new@acme.example", models.AddressPending
		},
		"waived": func(c *models.Contact) { c.Addresses[1].State = models.AddressWaived },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newInvitation(t, models.ChannelEmail, "unused@acme.example")
			update := func(fn func(*models.Contact)) (after models.Contact) {
				v.Write(func(ctx context.Context, tx *store.Tx) (err error) {
					_, after, err = tx.In(v.Account).Contacts().UpdateOfAccount(ctx, 0, func(c *models.Contact) error { fn(c); return nil })
					return err
				})
				return after
			}
			after := update(func(c *models.Contact) {
				c.Addresses = append(c.Addresses, models.Address{Channel: models.ChannelEmail, Value: "two@acme.example", ValueKey: "two@acme.example", State: models.AddressPending})
			})
			v.who.Contact, v.who.Address = after, after.Addresses[1]
			_, i := v.who.Newest()
			v.at(time.Second, func() { update(edit); v.signal() })
			v.at(2*time.Second, func() { t.Error("the workflow goes on") })
			v.open()
			v.env.ExecuteWorkflow("Invitation", workflows.EntityInput{AccountID: v.Account, ID: i.ID})
			require.NoError(t, v.env.GetWorkflowError())
			now := v.env.Now()
			v.SetClock(func() time.Time { return now })
			v.Deliver(v.Activities(v.cfg))
			for _, c := range v.sent() {
				assert.NotEqual(t, "two@acme.example", c.Message.To, "its message was accepted, and is not sent any more")
			}
			ended, err := v.Store.Proofs().OpenInvitation(t.Context(), v.Account, i.ID)
			require.NoError(t, err)
			assert.Equal(t, models.InvitationCancelled, ended.State)
		})
	}
}

// Whatever forgot the workflow, the row tells the next one what is left: what was
// missed is made up for once.
func TestAnInvitationGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	v := newInvitation(t, models.ChannelEmail, "ada@acme.example")
	a := v.Activities(v.cfg)
	ref := func() activities.EntityRef {
		_, i := v.who.Newest()
		return activities.EntityRef{AccountID: v.Account, ID: i.ID}
	}
	for range 3 { // a step whose result was lost
		_, err := a.StepInvitation(t.Context(), ref())
		require.NoError(t, err)
	}
	v.Deliver(a)
	require.Len(t, v.sent(), 1)
	v.Advance(49 * time.Hour) // both reminders were missed
	v.delivering()
	v.run()
	assert.Len(t, v.sent(), 2, "the newest reminder only")
	v.ended(models.AddressExpired, models.InvitationExpired)

	v = newInvitation(t, models.ChannelEmail, "ada@acme.example")
	a = v.Activities(v.cfg)
	_, err := a.StepInvitation(t.Context(), ref())
	require.NoError(t, err)
	v.Advance(100 * time.Hour)
	v.run()
	v.ended(models.AddressExpired, models.InvitationExpired)
	assert.Equal(t, 1, v.runs)
	assert.Zero(t, func() int { v.Deliver(a); return len(v.sent()) }(), "nothing is sent after the end")
}

func TestAnInvitationOverBudgetWaitsForAResend(t *testing.T) {
	t.Parallel()
	v := newInvitation(t, models.ChannelEmail, "ada@acme.example")
	v.cfg.Invitations.PerAddress = 1
	other := v.Invite(models.ChannelEmail, "a.d.a+two@acme.example")
	_, i := other.Newest()
	_, err := v.Activities(v.cfg).StepInvitation(t.Context(), activities.EntityRef{AccountID: v.Account, ID: i.ID})
	require.NoError(t, err)
	v.at(time.Hour, func() {
		_, i := v.who.Newest()
		assert.Equal(t, models.ReasonRateLimited, i.Reason)
		assert.Zero(t, i.Round)
	})
	v.at(25*time.Hour, func() {
		require.NoError(t, v.who.Resend())
		v.signal()
	})
	v.at(26*time.Hour, func() { v.Deliver(v.Activities(v.cfg)) })
	v.at(27*time.Hour, func() {
		for _, c := range v.sent() {
			if c.Message.To == "ada@acme.example" {
				require.NoError(t, v.Prove(token(c)))
				v.signal()
			}
		}
	})
	v.run()
	v.ended(models.AddressVerified, models.InvitationConfirmed)
}

func TestABounceFailsTheAddressAndTellsTheAccountOnce(t *testing.T) {
	t.Parallel()
	v := newInvitation(t, models.ChannelEmail, "nobody@acme.example")
	v.Sink.Answer(world.Always(models.ChannelEmail, world.Fail(channels.Permanent, models.ReasonRecipientInvalid)))
	v.at(time.Second, func() { v.Deliver(v.Activities(v.cfg)); v.signal() })
	v.run()
	v.ended(models.AddressFailed, models.InvitationCancelled)
	a, _ := v.who.Newest()
	assert.Equal(t, models.ReasonRecipientInvalid, a.Reason)
	told := v.told()
	require.Len(t, told, 1)
	assert.Equal(t, "account.address_failed", told[0].Type)
	assert.Contains(t, told[0].Body, "n…@acme.example")

	v.Advance(time.Hour)
	v.Sink.Answer(succeeds())
	require.NoError(t, v.who.Resend())
	v.begun, v.later = v.Now(), nil
	v.at(time.Second, func() { v.Deliver(v.Activities(v.cfg)) })
	v.at(time.Minute, func() {
		calls := v.sent()
		require.NoError(t, v.Prove(token(calls[len(calls)-1])))
		v.signal()
	})
	v.run()
	v.ended(models.AddressVerified, models.InvitationConfirmed)
}

// succeeds answers every call with success.
func succeeds() world.Answer {
	return func(context.Context, world.Call) *channels.Error { return nil }
}

func TestOnlyTheNewestMessageOfAnInvitationIsSent(t *testing.T) {
	t.Parallel()
	v := newInvitation(t, models.ChannelEmail, "ada@acme.example")
	v.Sink.Answer(world.Always(models.ChannelEmail, world.Wait(time.Hour)))
	v.at(time.Second, func() { v.Deliver(v.Activities(v.cfg)) })
	v.at(30*time.Minute, func() {
		require.NoError(t, v.who.Resend())
		v.Sink.Answer(succeeds())
		v.signal()
	})
	v.at(2*time.Hour, func() { v.Deliver(v.Activities(v.cfg)) })
	v.at(3*time.Hour, func() {
		calls := v.sent()
		require.Len(t, calls, 2, "one that was refused, one of the second round")
		require.NoError(t, v.Prove(token(calls[1])))
		v.signal()
	})
	v.run()
	rows, _, err := v.Store.In(v.Account).Notifications().List(t.Context(), store.NotificationFilter{}, store.Page{Limit: 10})
	require.NoError(t, err)
	require.Len(t, rows, 2)
	for _, n := range rows {
		if strings.HasSuffix(n.ExternalID, "/1/0") {
			assert.Equal(t, models.StatusCancelled, n.Status)
			assert.Equal(t, models.ReasonInvitation, n.Reason)
		}
	}
}

// TestAContactThatIsMadeAgainWaitsForTheMailboxsPace: the first message of the second
// invitation goes out by itself once the cool-down is over.
func TestAContactThatIsMadeAgainWaitsForTheMailboxsPace(t *testing.T) {
	t.Parallel()
	v := newInvitation(t, models.ChannelEmail, "ada@acme.example")
	v.at(time.Second, func() { v.Deliver(v.Activities(v.cfg)) })
	v.at(10*time.Second, func() {
		v.Write(func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.In(v.Account).Contacts().Delete(ctx, v.who.Contact.ID)
			return err
		})
		v.signal()
	})
	first := v.who
	v.run()
	require.Len(t, v.sent(), 1)
	v.who, v.later = v.Invite(models.ChannelEmail, "a.da@acme.example"), nil
	require.NotEqual(t, first.Contact.ID, v.who.Contact.ID)
	v.at(2*time.Minute-time.Second, func() {
		v.Deliver(v.Activities(v.cfg))
		assert.Len(t, v.sent(), 1, "the mailbox was written to just now")
	})
	v.at(2*time.Minute+time.Second, func() { v.Deliver(v.Activities(v.cfg)) })
	v.at(3*time.Minute, func() {
		require.Len(t, v.sent(), 2)
		require.NoError(t, v.Prove(token(v.sent()[1])))
		v.signal()
	})
	v.run()
	v.ended(models.AddressVerified, models.InvitationConfirmed)
}

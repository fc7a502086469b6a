//go:build e2e

package e2e_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// coming is a forecast, as the account sees it.
type coming struct {
	Items []struct {
		At time.Time `json:"at"`
		To []struct {
			Channel    string `json:"channel"`
			Reason     string `json:"reason"`
			MergedInto string `json:"merged_into"`
		} `json:"to"`
	} `json:"items"`
}

// TestRungsOfOneSecondAreOneMail: of two message types, as the forecast said.
func TestRungsOfOneSecondAreOneMail(t *testing.T) {
	t.Parallel()
	m := newMachine(t, quick()...)
	m.start(t)
	vm, disk := twoRungs(t, m)
	var forecast coming
	require.NoError(t, m.root(t).Call(t.Context(), http.MethodGet, "/v1/resources/"+disk+"/reminders", nil, &forecast))
	first, second := reminded(t, m, vm), reminded(t, m, disk)
	require.Equal(t, "delivered", first.Status)
	require.Equal(t, "delivered", second.Status)
	require.Equal(t, []string{first.ID}, second.MergedWith)
	merged := 0
	for _, to := range forecast.Items[0].To {
		if to.Reason != "" || to.Channel == "inbox" {
			continue
		}
		merged++
		require.Equal(t, "product.expiry_1", to.MergedInto)
		require.Equal(t, first.over(t, to.Channel).ID, second.over(t, to.Channel).MergedInto.DeliveryID, "the forecast is what happens")
	}
	require.Positive(t, merged)
	require.Len(t, m.mails(t), 1)
	require.Len(t, m.texts(t), 1)
	require.Len(t, m.webhooks(t), 1)
	require.Contains(t, m.webhooks(t)[0].Body, `"merged":[{"notification_id":"`+second.ID+`"`)
	m.toldOfBoth(t)
}

// TestAKillMakesNoSecondMailOfMergedRungs: nothing is lost, and copies are known as such.
func TestAKillMakesNoSecondMailOfMergedRungs(t *testing.T) {
	t.Parallel()
	m := newMachine(t, quick()...)
	m.start(t)
	vm, disk := twoRungs(t, m)
	eventually(t, time.Minute, func() error {
		r, err := showResource(t, m, vm)
		if err == nil && len(r.Reminders) == 0 {
			err = fmt.Errorf("no reminder yet")
		}
		return err
	})
	m.kill(t)
	m.start(t)
	for _, r := range []report{reminded(t, m, vm), reminded(t, m, disk)} {
		for _, d := range r.Deliveries {
			if d.State != "suppressed" && d.Reason != "outcome_unknown" { // a text of unknown outcome is not repeated
				require.Equal(t, "delivered", d.State, "%s: %s", d.Channel, d.Reason)
			}
		}
	}
	m.toldOfBoth(t)
}

// twoRungs registers two resources, of which rungs of different message types are due in
// some seconds, and returns their ids, the most urgent first.
func twoRungs(t *testing.T, m *machine) (vm, disk string) {
	t.Helper()
	due := time.Now().Add(9 * time.Second).Truncate(time.Second)
	var made struct {
		Items []struct {
			ID string `json:"id"`
		} `json:"items"`
	}
	require.NoError(t, m.product(t).Call(t.Context(), http.MethodPost, "/v1/resources/batch", fed{"items": []fed{
		{"account": "acme", "external_id": "vm", "name": "vm", "expires_at": due.Add(20 * time.Hour), "ladder": []string{"20h"}},
		{"account": "acme", "external_id": "disk", "name": "disk", "expires_at": due.Add(50 * time.Hour), "ladder": []string{"50h"}},
	}}, &made))
	return made.Items[0].ID, made.Items[1].ID
}

// reminded returns the finished notification of the resource's only reminder.
func reminded(t *testing.T, m *machine, resource string) report {
	t.Helper()
	var id string
	eventually(t, time.Minute, func() error {
		r, err := showResource(t, m, resource)
		if err != nil {
			return err
		}
		if len(r.Reminders) != 1 {
			return fmt.Errorf("%d reminders", len(r.Reminders))
		}
		id = r.Reminders[0].NotificationID
		return nil
	})
	return finished(t, m.root(t), id, 2*time.Minute)
}

// toldOfBoth wants one message in the mailbox, whatever its copies, and one in the inbox.
func (m *machine) toldOfBoth(t *testing.T) {
	t.Helper()
	ids := map[string]bool{}
	for _, each := range m.mails(t) {
		require.Contains(t, each.Subject, "vm")
		require.Contains(t, each.Subject, "1 more below")
		require.Contains(t, each.Text, "Resource: disk")
		ids[each.Headers["Message-Id"]+each.Headers["Message-ID"]] = true
	}
	require.Len(t, ids, 1)
	require.Len(t, inbox(t, m.root(t)), 1)
}

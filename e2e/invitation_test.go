//go:build e2e

package e2e_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"belfry.dev/belfry/cmd/belfry/client"
)

// reached is a contact as the API shows it, as far as the tests care.
type reached struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Addresses []struct {
		ID      string `json:"id"`
		Channel string `json:"channel"`
		Value   string `json:"value"`
		State   string `json:"state"`
	} `json:"addresses"`
}

func (c reached) over(t *testing.T, value string) (id, state string) {
	t.Helper()
	for _, a := range c.Addresses {
		if a.Value == value {
			return a.ID, a.State
		}
	}
	require.Fail(t, "no such address", "%s: %+v", value, c)
	return "", ""
}

var (
	linkPattern = regexp.MustCompile(`http://\S+/verify/[A-Za-z0-9_-]{43}`)
	codePattern = regexp.MustCompile(`\b\d{6}\b`)
)

// linkTo waits for the mail that asks the address to confirm, and returns its link.
func (m *machine) linkTo(t *testing.T, address string) string {
	t.Helper()
	var link string
	eventually(t, soon, func() error {
		for _, each := range m.mails(t) {
			if link = linkPattern.FindString(each.Text); link != "" && slices.Contains(each.To, address) {
				return nil
			}
		}
		return errors.New("no mail with a link to " + address)
	})
	return link
}

// codeTo waits for the text message, and returns its code. One whose outcome a kill
// left unknown is not repeated by itself: then another is asked for, as people do.
func (m *machine) codeTo(t *testing.T, number, resend string) string {
	t.Helper()
	var code string
	tries := 0
	eventually(t, 2*soon, func() error {
		for _, each := range slices.Backward(m.texts(t)) {
			if code = codePattern.FindString(each.Text); code != "" && each.To == number {
				return nil
			}
		}
		if tries++; tries == 150 {
			return m.root(t).Post(t.Context(), resend, nil, nil)
		}
		return errors.New("no text message with a code to " + number)
	})
	return code
}

// browse is what a browser gets, without cookies and JavaScript.
func browse(t *testing.T, method, link string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, link, nil)
	require.NoError(t, err)
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { require.NoError(t, response.Body.Close()) }()
	page, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(page)
}

func TestAnAddressIsProvenFromTheMailToTheFirstNotification(t *testing.T) {
	t.Parallel()
	m := newMachine(t, quick()...)
	m.start(t)
	root := m.root(t)
	const address = "finance@acme.example"
	var contact reached
	require.NoError(t, root.Get(t.Context(), "/v1/account/contact", &contact))
	addresses := []map[string]string{{"channel": "email", "value": address}}
	for _, a := range contact.Addresses {
		addresses = append(addresses, map[string]string{"channel": a.Channel, "value": a.Value})
	}
	require.NoError(t, root.Call(t.Context(), http.MethodPut, "/v1/account/contact", map[string]any{"name": contact.Name, "addresses": addresses}, &contact))
	_, state := contact.over(t, address)
	require.Equal(t, "pending", state)
	link := m.linkTo(t, address)

	finished(t, m.product(t), m.submit(t), soon)
	to := func() (n int) {
		for _, each := range m.mails(t) {
			if slices.Contains(each.To, address) && !strings.Contains(each.Text, link) {
				n++
			}
		}
		return n
	}
	require.Zero(t, to(), "nothing but its invitation goes to an address that is not proven")
	status, page := browse(t, http.MethodGet, link)
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, page, "<form method=\"post\"")
	require.NoError(t, root.Get(t.Context(), "/v1/account/contact", &contact))
	_, state = contact.over(t, address)
	require.Equal(t, "pending", state, "looking at the page proves nothing")
	status, _ = browse(t, http.MethodPost, link)
	require.Equal(t, http.StatusOK, status)
	require.NoError(t, root.Get(t.Context(), "/v1/account/contact", &contact))
	_, state = contact.over(t, address)
	require.Equal(t, "verified", state)
	finished(t, m.product(t), m.submit(t), soon)
	eventually(t, soon, func() error {
		if n := to(); n != 1 {
			return fmt.Errorf("%d notifications arrived", n)
		}
		return nil
	})
}

func TestAnInvitationSurvivesAKillBetweenItsSteps(t *testing.T) {
	t.Parallel()
	m := newMachine(t, append(quick(), "BELFRY_INVITATION_COOL_DOWN=100ms", "BELFRY_INVITATION_SMS_CODE_LIFE=2m")...)
	m.start(t)
	create := func(c *client.Client, into *reached) error {
		return c.Once("ada").Post(t.Context(), "/v1/contacts", map[string]any{
			"name": "Ada", "addresses": []map[string]string{{"channel": "email", "value": "ada@acme.example"}, {"channel": "sms", "value": "+8613800138009"}},
		}, into)
	}
	var contact reached
	require.NoError(t, create(m.root(t), &contact))
	m.kill(t) // the invitations may be sent or not
	m.start(t)
	mail, _ := contact.over(t, "ada@acme.example")
	phone, _ := contact.over(t, "+8613800138009")
	invitation := "/v1/contacts/" + contact.ID + "/addresses/" + phone + "/invitation"
	link, code := m.linkTo(t, "ada@acme.example"), m.codeTo(t, "+8613800138009", invitation+"/resend")
	m.kill(t) // sent, not answered
	m.start(t)
	root := m.root(t)
	status, _ := browse(t, http.MethodPost, link)
	require.Equal(t, http.StatusOK, status)
	require.NoError(t, root.Post(t.Context(), invitation+"/confirm", map[string]string{"code": code}, nil))
	m.kill(t) // answered, the workflows may know or not
	m.start(t)
	root = m.root(t)
	for _, id := range []string{mail, phone} {
		var seen struct {
			Address    struct{ State string } `json:"address"`
			Invitation struct{ State string } `json:"invitation"`
		}
		require.NoError(t, root.Get(t.Context(), "/v1/contacts/"+contact.ID+"/addresses/"+id+"/invitation", &seen))
		require.Equal(t, "verified", seen.Address.State)
		require.Equal(t, "confirmed", seen.Invitation.State)
	}
	status, _ = browse(t, http.MethodPost, link)
	require.Equal(t, http.StatusOK, status, "the same success")
}

func TestWhoNeverAnswersIsNamedToTheAccount(t *testing.T) {
	t.Parallel()
	m := newMachine(t, append(quick(), "BELFRY_INVITATION_LINK_LIFE=6s", "BELFRY_INVITATION_REMINDERS=2s,4s")...)
	m.start(t)
	root := m.root(t)
	var contact reached
	require.NoError(t, root.Post(t.Context(), "/v1/contacts", map[string]any{
		"name": "Ada", "addresses": []map[string]string{{"channel": "email", "value": "ada@acme.example"}},
	}, &contact))
	link := m.linkTo(t, "ada@acme.example")
	eventually(t, 30*time.Second, func() error {
		var list struct {
			Items []struct{ Type string } `json:"items"`
		}
		if err := root.Get(t.Context(), "/v1/inbox/messages?q=Ada", &list); err != nil {
			return err
		}
		for _, each := range list.Items {
			if each.Type == "account.contact_unverified" {
				return nil
			}
		}
		return fmt.Errorf("the inbox has %+v", list.Items)
	})
	asked := 0
	for _, each := range m.mails(t) {
		if slices.Contains(each.To, "ada@acme.example") {
			require.Contains(t, each.Text, link, "the link stays")
			asked++
		}
	}
	require.Equal(t, 3, asked, "once, and two reminders")
	status, page := browse(t, http.MethodGet, link)
	require.Equal(t, http.StatusGone, status)
	require.Contains(t, page, "/resend")
	status, _ = browse(t, http.MethodPost, link)
	require.Equal(t, http.StatusGone, status)
}

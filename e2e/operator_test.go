//go:build e2e

package e2e_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestASuspendedProviderReachesAnOperatorByMail: nobody needs Prometheus for it. The
// operators' account has an account contact as any other, which proves its address.
func TestASuspendedProviderReachesAnOperatorByMail(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.start(t)
	operator := m.operator(t)
	require.NoError(t, operator.Call(t.Context(), http.MethodPut, "/v1/account/contact", map[string]any{
		"name": "operators", "language": "en-US", "addresses": []map[string]string{{"channel": "email", "value": "oncall@platform.example"}},
	}, nil))
	status, page := browse(t, http.MethodPost, m.linkTo(t, "oncall@platform.example"))
	require.Equal(t, http.StatusOK, status, page)

	m.fault(t, "sms", map[string]any{"status": 401, "times": -1})
	m.submit(t)
	eventually(t, soon, func() error {
		for _, each := range m.mails(t) {
			if slices.Contains(each.To, "oncall@platform.example") && strings.Contains(each.Text, "sandbox-sms") {
				return nil
			}
		}
		return errors.New("nobody was told that the provider is suspended")
	})
}

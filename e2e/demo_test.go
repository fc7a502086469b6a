//go:build e2e

package e2e_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// demoNames are the names of what the demo's account has at the path.
func (m *machine) demoNames(t *testing.T, path string) []string {
	t.Helper()
	var page struct {
		Items []struct {
			ID   string `json:"id"`
			Name string `json:"name"`
			Kind string `json:"kind"`
		} `json:"items"`
	}
	require.NoError(t, m.root(t).Get(t.Context(), path, &page))
	var names []string
	for _, each := range page.Items {
		if each.Kind != "account" {
			names = append(names, each.Name+" "+each.ID)
		}
	}
	slices.Sort(names)
	return names
}

func TestTheDemoHasPeopleOnce(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.start(t, "--people")
	require.Contains(t, m.summary, "Jonas is asked in")
	eventually(t, soon, func() error {
		for _, each := range m.mails(t) {
			if slices.Contains(each.To, "jonas@acme.example") {
				return nil
			}
		}
		return errors.New("Jonas is not asked to prove the address")
	})
	before := [][]string{m.demoNames(t, "/v1/contacts"), m.demoNames(t, "/v1/contact-groups"), m.demoNames(t, "/v1/resources")}
	require.Len(t, before[0], 3)
	require.Len(t, before[1], 1)
	require.Len(t, before[2], 1)
	require.NoError(t, m.root(t).Call(t.Context(), http.MethodDelete, "/v1/contact-groups/"+idOf(before[1][0])+"?confirm=true", nil, nil))

	m.kill(t)
	m.start(t, "--people")
	require.Equal(t, before[0], m.demoNames(t, "/v1/contacts"))
	require.Empty(t, m.demoNames(t, "/v1/contact-groups"), "what somebody deleted stays away")
	require.Equal(t, before[2], m.demoNames(t, "/v1/resources"))
}

// idOf is the id of an entry of demoNames.
func idOf(entry string) string { return entry[len(entry)-36:] }

package demo

import (
	"context"
	"errors"
	"net/http"
	"time"

	"belfry.dev/belfry/cmd/belfry/client"
)

// groupName is the contact group of the demo, and diskName its resource.
const (
	groupName = "oncall"
	diskName  = "disk-001"
)

// folk are the contacts of the demo. Operators vouch for two of them; the third
// is asked to prove the address, as everybody is.
var folk = [...]struct {
	name, position, address string
	vouched                 bool
}{
	{"Ming", "finance", "ming@acme.example", true},
	{"Olga", "operations", "olga@acme.example", true},
	{"Jonas", "operations", "jonas@acme.example", false},
}

// people makes contacts, a group, subscriptions and a resource, once: what somebody
// deleted from the demo stays away.
func (s *Seeder) people(ctx context.Context, operator, root *client.Client, account string) error {
	if s.Secrets.People || !s.Populates {
		return nil
	}
	ids := map[string]string{}
	for _, p := range folk {
		id, err := s.person(ctx, root, p.name, map[string]any{
			"position": p.position, "addresses": []map[string]string{{"channel": "email", "value": p.address}},
		})
		if err != nil {
			return err
		}
		ids[p.name] = id
		if p.vouched {
			err = vouch(ctx, operator, root, account, id)
		}
		if err != nil {
			return err
		}
	}
	if err := errors.Join(s.choices(ctx, root, ids["Ming"], []string{ids["Olga"], ids["Jonas"]}), s.disk(ctx)); err != nil {
		return err
	}
	s.Secrets.People = true
	return nil
}

// person makes the named contact where it is missing, and returns its id.
func (s *Seeder) person(ctx context.Context, root *client.Client, name string, body map[string]any) (string, error) {
	found, err := find(ctx, root, "/v1/contacts", "name", name)
	if err != nil || found.ID != "" {
		return found.ID, err
	}
	body["name"] = name
	err = root.Post(ctx, "/v1/contacts", body, &found)
	return found.ID, err
}

// vouch waives the proof of a contact's addresses. No worker runs before that, so nobody
// is asked for it.
func vouch(ctx context.Context, operator, root *client.Client, account, contact string) error {
	var seen struct {
		Addresses []item `json:"addresses"`
	}
	if err := root.Get(ctx, "/v1/contacts/"+contact, &seen); err != nil {
		return err
	}
	var ids []string
	for _, a := range seen.Addresses {
		ids = append(ids, a.ID)
	}
	return operator.Post(ctx, "/v1/accounts/"+account+"/contacts/"+contact+"/waive", map[string]any{"address_ids": ids}, nil)
}

// choices makes the group, and says who hears of bills and of failures.
func (s *Seeder) choices(ctx context.Context, root *client.Client, finance string, oncall []string) error {
	group, err := find(ctx, root, "/v1/contact-groups", "name", groupName)
	if err == nil && group.ID == "" {
		err = root.Post(ctx, "/v1/contact-groups", map[string]any{"name": groupName}, &group)
	}
	if err != nil {
		return err
	}
	return errors.Join(
		root.Call(ctx, http.MethodPut, "/v1/contact-groups/"+group.ID+"/members", map[string]any{"contact_ids": oncall}, nil),
		root.Call(ctx, http.MethodPatch, "/v1/subscriptions?confirm=true", map[string]any{"changes": []map[string]any{
			{"type": "service.bill", "contacts": []string{finance}},
			{"type": "exception.instance_failure", "groups": []string{group.ID}},
		}}, nil),
	)
}

// disk registers a resource that expires soon, so that reminders can be seen to come.
func (s *Seeder) disk(ctx context.Context) error {
	ends := time.Now().Add(30 * time.Minute)
	return s.Anyone.As(s.Secrets.ProductKey).Post(ctx, "/v1/resources", map[string]any{
		"account": Alias, "external_id": diskName, "kind": "disk", "name": "orders-db-disk",
		"expires_at": ends, "release_at": ends.Add(30 * time.Minute), "version": 1,
		"ladder": []string{"20m", "10m"}, "release_ladder": []string{"10m"},
	}, nil)
}

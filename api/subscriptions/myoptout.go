package subscriptions

import (
	"context"
	"net/http"
	"slices"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/intake"
	"belfry.dev/belfry/store"
)

func describeMyOptOuts() map[string]operation.Operation {
	return map[string]operation.Operation{
		"my_contact.unsubscribed": {
			Fails: []int{http.StatusNotFound}, Summary: "Show what I unsubscribed from",
			Description: "By the links in mails, or here. Only types that are optional by nature know any of it.",
		},
		"my_contact.set_unsubscribed": {
			Summary:     "Say what I unsubscribe from",
			Description: "These and no others, for all my proven addresses. Nobody else can take an opt-out back: neither the account nor an operator.",
		},
	}
}

// unsubscribedBody is what a contact wants no messages of.
type unsubscribedBody struct {
	Marketing bool     `json:"marketing" doc:"All activity messages, of whatever type."`
	Types     []string `json:"types" maxItems:"200" uniqueItems:"true" maxLength:"128" doc:"Keys of message types, sorted."`
}

type unsubscribedOut struct {
	Body unsubscribedBody
}

type setUnsubscribedIn struct {
	Body unsubscribedBody
}

// outUnsubscribed shows opt-outs by their keys.
func outUnsubscribed(keys []string) *unsubscribedOut {
	out := &unsubscribedOut{Body: unsubscribedBody{Types: []string{}}}
	for _, key := range keys {
		if key == models.Marketing {
			out.Body.Marketing = true
			continue
		}
		out.Body.Types = append(out.Body.Types, key)
	}
	return out
}

// keys are the opt-outs.
func (b unsubscribedBody) keys() []string {
	keys := slices.Clone(b.Types)
	if b.Marketing {
		keys = append(keys, models.Marketing)
	}
	return keys
}

// provenKeys are the addresses of the contact that somebody proved to be his, or an
// operator vouched for: what stands against others is not his to change.
func provenKeys(contact models.Contact) []string {
	var keys []string
	for _, a := range contact.Addresses {
		if a.Deliverable() {
			keys = append(keys, a.ValueKey)
		}
	}
	return keys
}

func getUnsubscribed(ctx context.Context, c *operation.Call, _ *struct{}) (*unsubscribedOut, error) {
	scope := c.Store.In(c.Account())
	own, err := scope.Contacts().OfUser(ctx, c.Actor.ID)
	if err != nil {
		return nil, err
	}
	counting, err := OptOuts(ctx, c.Core, scope)
	if err != nil {
		return nil, err
	}
	return outUnsubscribed(OptOutsOf(counting, provenKeys(own)...)), nil
}

func setUnsubscribed(ctx context.Context, c *operation.Call, in *setUnsubscribedIn) (*unsubscribedOut, error) {
	known, err := subscribable(ctx, c.Core)
	if err != nil {
		return nil, err
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[unsubscribedOut], error) {
		scope := tx.In(c.Account())
		own, err := scope.Contacts().OfUser(ctx, c.Actor.ID)
		if err != nil {
			return nil, err
		}
		addresses := provenKeys(own)
		before, err := scope.OptOuts().List(ctx, addresses...)
		if err != nil {
			return nil, err
		}
		if err := in.Body.check(known, before, len(addresses) > 0); err != nil {
			return nil, err
		}
		if err := scope.OptOuts().Replace(ctx, addresses, in.Body.keys()); err != nil {
			return nil, err
		}
		after, err := scope.OptOuts().List(ctx, addresses...)
		if err != nil {
			return nil, err
		}
		return operation.Did(outUnsubscribed(after), operation.Of("contact", own.ID, own.Name),
			outUnsubscribed(before).Body, outUnsubscribed(after).Body), nil
	})
}

// OptOuts returns the opt-outs of the account that count, by address in normal form: keys of
// message types, and models.Marketing. Those of types that are not optional do not.
func OptOuts(ctx context.Context, s *operation.Core, sc store.Scope) (map[string][]string, error) {
	known, err := subscribable(ctx, s)
	if err != nil {
		return nil, err
	}
	all, err := sc.OptOuts().AllOptOuts(ctx)
	for address, keys := range all {
		all[address] = slices.DeleteFunc(keys, func(key string) bool {
			return slices.ContainsFunc(known, func(t models.MessageType) bool { return t.Key == key && !t.MayOptOut() })
		})
	}
	return all, err
}

// OptOutsOf are those of the addresses together, sorted, each once; empty, never nil.
func OptOutsOf(all map[string][]string, addresses ...string) []string {
	keys := []string{}
	for _, address := range addresses {
		keys = append(keys, all[address]...)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// check wants message types that are optional, or were opted out of before, and an address
// to opt out for.
func (b unsubscribedBody) check(known []models.MessageType, before []string, proven bool) error {
	if !proven && len(b.keys()) > 0 {
		return models.Errorf(models.CodeConflict, "None of your addresses is proven yet: nothing is sent there.")
	}
	if fields := intake.CheckOptOuts(b.Types, before, known); len(fields) > 0 {
		return models.InvalidFields(fields)
	}
	return nil
}

package destinations

import (
	"context"
	"fmt"
	"slices"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/channels"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// mapping is an adapter whose settings say what its provider gets of each message type.
type mapping interface {
	// CheckTypes says what of the settings can never be sent, given all message types.
	CheckTypes(s channels.Settings, types []models.MessageType) []models.Field
	// Sends reports whether the provider gets anything of the message type.
	Sends(s channels.Settings, t models.MessageType) bool
}

// refuseUnsendable refuses a provider whose settings map message types to what it takes, if
// something of that can never be sent, or if no provider of the channel could send a type
// that is mandatory there. before is the provider as it was, nil for a new one: what was
// wrong with that already keeps nobody from changing something else. Code validation-failed.
func refuseUnsendable(ctx context.Context, s *operation.Core, tx *store.Tx, before *models.Provider, after models.Provider) error {
	sender, _ := s.Channels.Sender(after.Kind)
	if _, maps := sender.(mapping); !maps || !after.Enabled {
		return nil
	}
	types, err := s.Store.Catalogue().Types(ctx)
	if err != nil {
		return err
	}
	rows, err := tx.Platform().Providers().List(ctx, after.Channel)
	if err != nil {
		return err
	}
	found := unsendable(s, rows, after, types)
	if before != nil && before.Enabled {
		for i := range rows {
			if rows[i].ID == before.ID {
				rows[i] = *before
			}
		}
		earlier := unsendable(s, rows, *before, types)
		found = slices.DeleteFunc(found, func(f models.Field) bool { return slices.Contains(earlier, f) })
	}
	if err := models.InvalidFields(found); err != nil {
		return err
	}
	return nil
}

// unsendable is what cannot be sent with these providers of a channel: as one of them says of
// its settings, and of the types that are mandatory.
func unsendable(s *operation.Core, rows []models.Provider, of models.Provider, types []models.MessageType) []models.Field {
	sender, _ := s.Channels.Sender(of.Kind)
	mapper, maps := sender.(mapping)
	if !maps {
		return nil
	}
	found := mapper.CheckTypes(channels.Settings{Values: of.Settings}, types)
	for _, t := range types {
		if t.Enabled && t.IsLocked(of.Channel) && !slices.ContainsFunc(rows, func(p models.Provider) bool { return p.Enabled && sends(s, p, t) }) {
			found = append(found, models.Field{
				Pointer: "#/settings/templates", Code: "invalid-template",
				Detail: fmt.Sprintf("%s is mandatory over %s, and no provider could send it: it has no template, and there is none for *.", t.Key, of.Channel),
			})
		}
	}
	return found
}

func sends(s *operation.Core, p models.Provider, t models.MessageType) bool {
	sender, known := s.Channels.Sender(p.Kind)
	mapper, maps := sender.(mapping)
	return known && (!maps || mapper.Sends(channels.Settings{Values: p.Settings}, t))
}

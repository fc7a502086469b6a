package reminders

import (
	"context"
	"time"

	"belfry.dev/belfry/api/operation"
	"belfry.dev/belfry/api/wire"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/models/schedule"
	"belfry.dev/belfry/store"
)

type updateResourceIn struct {
	ID   string `path:"id" pattern:"^rsc_[0-9a-f]{32}$"`
	Body struct {
		Kind          *string    `json:"kind,omitempty" maxLength:"64" doc:"Your word for what it is."`
		Name          *string    `json:"name,omitempty" minLength:"1" maxLength:"128" doc:"What its people call it."`
		ExpiresAt     *time.Time `json:"expires_at,omitempty" doc:"When its service stops, within ten years."`
		ReleaseAt     *time.Time `json:"release_at,omitempty" nullable:"true" doc:"When it is gone with its data, not before expires_at; null: never."`
		Ladder        []string   `json:"ladder,omitempty" nullable:"true" minItems:"1" maxItems:"10" doc:"See resource.put; null: the platform's ladder."`
		ReleaseLadder []string   `json:"release_ladder,omitempty" nullable:"true" minItems:"1" maxItems:"10" doc:"See resource.put; null: the platform's ladder."`
		Version       int64      `json:"version,omitempty" minimum:"1" maximum:"9007199254740991" doc:"See resource.put."`
	}
}

func updateResource(ctx context.Context, c *operation.Call, in *updateResourceIn) (*fedOut, error) {
	return changeResource(ctx, c, in.ID, func(w *schedule.Wish) error {
		ladder, fields := schedule.ParseLadder(in.Body.Ladder, in.Body.ReleaseLadder)
		if len(fields) > 0 {
			return models.InvalidFields(fields)
		}
		operation.Set(&w.Kind, in.Body.Kind)
		operation.Set(&w.Name, in.Body.Name)
		operation.Set(&w.Expires, wire.Micros(in.Body.ExpiresAt))
		if in.Body.ReleaseAt != nil || c.SaysNull("release_at") {
			w.Release = wire.Micros(in.Body.ReleaseAt)
		}
		w.Ladder = merged(w.Ladder, ladder, c.SaysNull("ladder"), c.SaysNull("release_ladder"))
		w.Version = in.Body.Version
		return nil
	})
}

// merged replaces the lists that are given, and takes away those that are null.
func merged(old, given *models.Ladder, noExpiry, noRelease bool) *models.Ladder {
	var l models.Ladder
	if old != nil {
		l = *old
	}
	if given == nil {
		given = &models.Ladder{}
	}
	if given.Expiry != nil || noExpiry {
		l.Expiry = given.Expiry
	}
	if given.Release != nil || noRelease {
		l.Release = given.Release
	}
	if l.Expiry == nil && l.Release == nil {
		return nil
	}
	return &l
}

type renewResourceIn struct {
	ID   string `path:"id" pattern:"^rsc_[0-9a-f]{32}$"`
	Body struct {
		ExpiresAt time.Time  `json:"expires_at" doc:"When its service stops now, within ten years."`
		ReleaseAt *time.Time `json:"release_at,omitempty" doc:"When it is gone with its data, not before expires_at; as long after it as before when left out."`
		Version   int64      `json:"version,omitempty" minimum:"1" maximum:"9007199254740991" doc:"See resource.put."`
	}
}

func renewResource(ctx context.Context, c *operation.Call, in *renewResourceIn) (*fedOut, error) {
	return changeResource(ctx, c, in.ID, func(w *schedule.Wish) error {
		expires := *wire.Micros(&in.Body.ExpiresAt)
		if w.Release != nil {
			release := expires.Add(w.Release.Sub(w.Expires))
			w.Release = &release
		}
		if in.Body.ReleaseAt != nil {
			w.Release = wire.Micros(in.Body.ReleaseAt)
		}
		w.Expires, w.State, w.Version = expires, models.ResourceActive, in.Body.Version
		return nil
	})
}

type endResourceIn struct {
	ID   string `path:"id" pattern:"^rsc_[0-9a-f]{32}$"`
	Body *struct {
		Version int64 `json:"version,omitempty" minimum:"1" maximum:"9007199254740991" doc:"See resource.put."`
	}
}

func endResource(state models.ResourceState) func(context.Context, *operation.Call, *endResourceIn) (*fedOut, error) {
	return func(ctx context.Context, c *operation.Call, in *endResourceIn) (*fedOut, error) {
		return changeResource(ctx, c, in.ID, func(w *schedule.Wish) error {
			w.State = state
			if in.Body != nil {
				w.Version = in.Body.Version
			}
			return nil
		})
	}
}

type deleteResourceIn struct {
	ID      string `path:"id" pattern:"^rsc_[0-9a-f]{32}$"`
	Version int64  `query:"version" minimum:"0" maximum:"9007199254740991" doc:"See resource.put."`
}

func deleteResource(ctx context.Context, c *operation.Call, in *deleteResourceIn) (*operation.Nothing, error) {
	_, err := changeResource(ctx, c, in.ID, func(w *schedule.Wish) error {
		w.State, w.Version = models.ResourceDeleted, in.Version
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &operation.Nothing{}, nil
}

// changeResource lets a rule edit what the product wishes of its resource, and makes
// it so. Its ends are checked when they are new.
func changeResource(ctx context.Context, c *operation.Call, id string, edit func(*schedule.Wish) error) (*fedOut, error) {
	if out, err := operation.Replayed[fedOut](ctx, c); out != nil || err != nil {
		return out, err // a deleted resource is not found any more
	}
	account, err := ownerOfResource(ctx, c, id)
	if err != nil {
		return nil, err
	}
	return operation.Commit(ctx, c, func(tx *store.Tx) (*operation.Done[fedOut], error) {
		scope := tx.In(account)
		owner, err := scope.Account().Read(ctx)
		if err != nil {
			return nil, err
		}
		before, err := scope.Resources().Lock(ctx, id)
		if err != nil {
			return nil, err
		}
		w := schedule.WishOf(before)
		if err := edit(&w); err != nil {
			return nil, err
		}
		if fields := w.Check(tx.Now()); len(fields) > 0 && !w.SameEnds(before) {
			return nil, models.InvalidFields(fields)
		}
		after, effect, err := w.Apply(before, schedule.Zone(owner.TimeZone), tx.Now())
		if err != nil {
			return nil, err
		}
		t := touched{rows: map[string]models.Resource{}, changed: map[string]bool{}, woken: map[string]bool{}}
		t.note(before, after, effect)
		if err := t.store(ctx, scope); err != nil {
			return nil, err
		}
		return didResource(c.Core, before, after, effect), nil
	})
}

// didResource is a change with its answer.
func didResource(s *operation.Core, before, after models.Resource, effect schedule.Effect) *operation.Done[fedOut] {
	return operation.Did(fed(s, after, effect), operation.Of("resource", after.ID, after.Name), viewResource(s, before), viewResource(s, after))
}

package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"unicode/utf8"

	"belfry.dev/belfry/api/password"
	"belfry.dev/belfry/catalog"
	"belfry.dev/belfry/cmd/belfry/process"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// bootstrapCommand makes the first operator, who makes everything else over the
// API. It changes nothing where there is an operator already.
type bootstrapCommand struct {
	process.Database
	process.Secret
	Name     string `env:"BELFRY_BOOTSTRAP_NAME" default:"admin" help:"Sign-in name of the first operator." group:"Bootstrap"`
	Password string `env:"BELFRY_BOOTSTRAP_PASSWORD" help:"Password of the first operator; one is made and printed when none is given." group:"Bootstrap"`
	// IfMissing is for what starts by itself again and again, such as a container.
	IfMissing bool `help:"Be content where there is an operator already; nothing is changed then."`
}

// Run is the command.
func (c *bootstrapCommand) Run(ctx context.Context, o outside, log *slog.Logger) error {
	s, err := prepare(ctx, c.Database, c.Secret, log)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }() // all was committed
	chosen := c.Password
	if chosen == "" {
		chosen = newPassword()
	}
	err = makeOperator(ctx, s, c.Name, chosen)
	if c.IfMissing && models.CodeOf(err) == models.CodeConflict {
		log.InfoContext(ctx, "there is an operator already; nothing was changed")
		return nil
	}
	if err != nil {
		return err
	}
	lines := []string{"account:  " + string(models.Platform), "name:     " + c.Name}
	if c.Password == "" {
		lines = append(lines, "password: "+chosen, "The password is not shown again.")
	}
	_, err = fmt.Fprintln(o.out, strings.Join(lines, "\n"))
	return err
}

// prepare migrates the database, opens it, and stores what this release ships of
// message types.
func prepare(ctx context.Context, d process.Database, key process.Secret, log *slog.Logger) (*store.Store, error) {
	if err := store.Migrate(ctx, d.Config(log)); err != nil {
		return nil, err
	}
	s, err := open(ctx, d, key, log)
	if err != nil {
		return nil, err
	}
	if _, err := seedCatalogue(ctx, s); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// seedCatalogue stores what this release ships of message types, and returns their
// categories.
func seedCatalogue(ctx context.Context, s *store.Store) ([]models.Category, error) {
	shipped, err := catalog.Shipped()
	if err != nil {
		return nil, err
	}
	return shipped.Categories, s.Catalogue().SeedCatalogue(ctx, shipped.Categories, shipped.Types)
}

// open opens the database that the settings name.
func open(ctx context.Context, d process.Database, key process.Secret, log *slog.Logger) (*store.Store, error) {
	config := d.Config(log)
	var err error
	if config.SecretKey, err = key.Bytes(); err != nil {
		return nil, err
	}
	return store.Open(ctx, config)
}

// makeOperator makes the first operator and refuses when there is one: code
// conflict, and nothing is changed.
func makeOperator(ctx context.Context, s *store.Store, name, secret string) error {
	if n := utf8.RuneCountInString(secret); n < password.MinLength || n > password.MaxLength {
		return fmt.Errorf("the password must have %d to %d characters", password.MinLength, password.MaxLength)
	}
	hash, err := password.NewHasher(1).Hash(ctx, secret)
	if err != nil {
		return err
	}
	return s.Write(ctx, func(tx *store.Tx) error {
		u := models.User{Kind: models.UserOperator, Name: name, DisplayName: name, PasswordHash: hash, Popups: true, Enabled: true}
		platform := tx.In(models.Platform)
		if err := platform.Users().Create(ctx, &u); err != nil {
			return err
		}
		grant := models.Grant{UserID: u.ID, Role: models.RoleOperatorAdmin, CreatedBy: "belfry bootstrap"}
		if err := platform.Grants().Create(ctx, &grant); err != nil {
			return err
		}
		if err := logOperator(ctx, platform, u); err != nil {
			return err
		}
		// The operation log's lock is held now: whoever bootstraps at the same
		// time is either seen here or will see this operator.
		users, _, err := platform.Users().List(ctx, store.Page{Limit: 2})
		if err == nil && len(users) > 1 {
			return models.Errorf(models.CodeConflict, "there is an operator already; nothing was changed")
		}
		return err
	})
}

func logOperator(ctx context.Context, platform store.TxScope, u models.User) error {
	after, err := json.Marshal(map[string]any{"id": u.ID, "name": u.Name, "roles": []models.Role{models.RoleOperatorAdmin}})
	if err != nil {
		return err
	}
	return platform.OperationLog().Append(ctx, &models.Operation{
		ActorKind: models.ActorSystem, ActorName: "belfry bootstrap", Action: "operator.create",
		ObjectKind: "operator", ObjectID: u.ID, ObjectName: u.Name, Result: models.ResultSucceeded, After: after,
	})
}

// newPassword returns 100 random bits in four groups that can be read out.
func newPassword() string {
	text := strings.ToLower(rand.Text())
	return strings.Join([]string{text[:5], text[5:10], text[10:15], text[15:20]}, "-")
}

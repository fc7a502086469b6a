package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"belfry.dev/belfry/cmd/belfry/process"
	"belfry.dev/belfry/models"
	"belfry.dev/belfry/store"
)

// auditCommands are for auditors.
type auditCommands struct {
	Verify auditVerifyCommand `cmd:"" help:"Check that no row of the operation logs was changed, deleted or moved."`
}

// auditVerifyCommand names the first row of each operation log that is not as it
// was written; then it fails.
type auditVerifyCommand struct {
	process.Database
	process.Secret
	Account string `help:"Check one account's log only: its alias or id." placeholder:"ACCOUNT"`
}

var errTampered = errors.New("the operation log was tampered with")

// Run is the command.
func (c *auditVerifyCommand) Run(ctx context.Context, o outside, log *slog.Logger) error {
	s, err := open(ctx, c.Database, c.Secret, log)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }() // only read
	tampered := false
	show := func(v store.Verification) error {
		tampered = tampered || v.Bad != nil
		_, err := fmt.Fprintln(o.out, report(v))
		return err
	}
	if err := c.verify(ctx, s, show); err != nil {
		return err
	}
	if tampered {
		return errTampered
	}
	return nil
}

func (c *auditVerifyCommand) verify(ctx context.Context, s *store.Store, show func(store.Verification) error) error {
	if c.Account == "" {
		return s.Seals().VerifyAll(ctx, show)
	}
	account := models.AccountID(c.Account)
	if !strings.HasPrefix(c.Account, string(models.KindAccount)+"_") {
		found, err := s.Platform().Accounts().ByAlias(ctx, c.Account)
		if err != nil {
			return fmt.Errorf("find account %s: %w", c.Account, err)
		}
		account = found.ID
	}
	v, err := s.Seals().Verify(ctx, account)
	if err != nil {
		return err
	}
	return show(v)
}

func report(v store.Verification) string {
	if v.Bad != nil {
		return fmt.Sprintf("%s: BAD at row %d: %s", v.Account, v.Bad.Seq, v.Bad.Reason)
	}
	return fmt.Sprintf("%s: good; %d rows, sealed %d times up to row %d", v.Account, v.Rows, v.Seals, v.SealedTo)
}

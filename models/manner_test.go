package models_test

import (
	"testing"

	"belfry.dev/belfry/models"
	"github.com/stretchr/testify/assert"
)

func TestOnlyInvitationsGoToOneAddressAndAskForItsProof(t *testing.T) {
	t.Parallel()
	everybody := models.Manner{Inbox: true, Holdable: true, Resendable: true}
	for _, source := range []models.Source{models.SourceProduct, models.SourcePlatform, models.SourceAnnouncement, models.SourceReminder} {
		assert.Equal(t, everybody, source.Manner(), source)
	}
	assert.Equal(t, models.Manner{OneAddress: true, Proof: true}, models.SourceInvitation.Manner())
}

package ui

func newInside(k *kit) screen    { return newBlank(k) }
func newSettings(k *kit) screen  { return newBlank(k) }
func newAbout(k *kit) screen     { return newBlank(k) }
func newApprovals(k *kit) screen { return newBlank(k) }
func newDesks(k *kit) screen     { return newBlank(k) }
func newInvite(k *kit) screen    { return newBlank(k) }
func newNewRoom(k *kit) screen   { return newBlank(k) }
func newMembers(k *kit) screen   { return newBlank(k) }

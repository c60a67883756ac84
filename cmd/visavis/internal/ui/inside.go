package ui

func newInside(k *kit) screen    { return newStarting(k) }
func newSettings(k *kit) screen  { return newStarting(k) }
func newAbout(k *kit) screen     { return newStarting(k) }
func newApprovals(k *kit) screen { return newStarting(k) }
func newDesks(k *kit) screen     { return newStarting(k) }
func newInvite(k *kit) screen    { return newStarting(k) }
func newNewRoom(k *kit) screen   { return newStarting(k) }
func newMembers(k *kit) screen   { return newStarting(k) }

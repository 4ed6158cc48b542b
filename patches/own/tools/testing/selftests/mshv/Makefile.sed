/^# Documentation\/virt\/hyperv\/selftests\.rst says/,/^$/{
	/^# Documentation/!{
		/^$/!d
	}
}

package puppet
